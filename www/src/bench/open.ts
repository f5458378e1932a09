/** The page of measurements in the place of the playground. */
import { mount } from 'svelte';
import type { Measurement } from '../engine/protocol';
import Bench from './Bench.svelte';

declare global {
  interface Window {
    /** Set when the measurement is done, or has failed. */
    mogeBench?: Measurement | { error: string };
  }
}

export const open = (target: HTMLElement) => mount(Bench, { target });
