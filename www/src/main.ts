import { mount } from 'svelte';
import App from './App.svelte';
import { loadFinished } from './finished/load';
import { Lab } from './lab.svelte';
import { language, preferred } from './language.svelte';
import { parseLink } from './link';
import { offline } from './offline.svelte';
import './theme.css';
import './view.css';

const finished = loadFinished();
// Without its words (offline, say) the page opens in English.
const { lang } = parseLink(location.hash).view;
await language.choose(lang ?? preferred()).catch(() => {});
const lab = new Lab();
mount(App, { target: document.getElementById('app')!, props: { lab } });
void lab.open(location.hash, finished);
// What is stored for later has its turn when the page needs the connection no more.
if (import.meta.env.PROD) void lab.arrival.then(() => offline.begin());
