import { mount } from 'svelte';
import App from './App.svelte';
import { Lab } from './lab.svelte';
import { language, preferred } from './language.svelte';
import './theme.css';

// Without its words (offline, say) the page opens in English.
await language.choose(preferred()).catch(() => {});
const lab = new Lab();
mount(App, { target: document.getElementById('app')!, props: { lab } });
void lab.open(location.hash);
