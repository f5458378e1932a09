/**
 * Which colour stands for what, by the names of `theme.css`.
 *
 * The charts come from the engine as SVG with plain stroke colours; each of them is a code that
 * `Chart.svelte` maps to a colour of the theme.
 */
import type { Channel, Task } from './engine/protocol';

export const CHANNEL_COLOR: Record<Channel, string> = {
  user_item: '--user-item',
  user_user: '--user-user',
  item_item: '--item-item',
};

export const TASK_COLOR: Record<Task, string> = {
  favourite: '--favourite',
  purchase: '--purchase',
};

export const EXPERT_COLOR = ['--expert-1', '--expert-2', '--expert-3', '--expert-4'] as const;

/** Stroke codes of the charts' series; `Chart.svelte` has a rule for each. */
export const STROKE = {
  favourite: '#b5336b',
  purchase: '#5f45b5',
  favourite_before: '#c98aa6',
  purchase_before: '#9c90c9',
  total: '#1b1f27',
  collaboration: '#008a64',
  regulariser: '#c67600',
  users: '#1b1f28',
  items: '#8e949f',
} as const;
