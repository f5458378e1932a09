import { mount } from 'svelte';
import App from './App.svelte';
import { loadFinished } from './finished/load';
import { Lab } from './lab.svelte';
import { language, preferred } from './language.svelte';
import { parseLink } from './link';
import { offline } from './offline.svelte';
import './theme.css';
import './view.css';

/** `?bench` measures a training step instead of opening the playground. */
const measures = new URLSearchParams(location.search).has('bench');
const finished = measures ? null : loadFinished();
// Without its words (offline, say) the page opens in English.
const { lang } = parseLink(location.hash).view;
await language.choose(lang ?? preferred()).catch(() => {});
const target = document.getElementById('app')!;
if (finished) {
  const lab = new Lab();
  mount(App, { target, props: { lab } });
  void lab.open(location.hash, finished);
  // What is stored for later has its turn when the page needs the connection no more.
  if (import.meta.env.PROD) void lab.arrival.then(() => offline.begin());
} else {
  (await import('./bench/open')).open(target);
}
