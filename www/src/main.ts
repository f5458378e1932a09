import { mount } from 'svelte';
import App from './App.svelte';
import { Lab } from './lab.svelte';
import './theme.css';

const lab = new Lab();
mount(App, { target: document.getElementById('app')!, props: { lab } });
void lab.open(location.hash);
