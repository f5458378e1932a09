/** Words about the gates over time, the brush of the barcodes and the histograms. */
export const gateViews = {
  scrub: {
    label: 'Scoring that the gates are shown of',
    at: (step: string, epoch: string) => `step ${step} · epoch ${epoch}`,
    live: 'Live',
    liveTitle: 'Back to the newest scoring',
    play: 'Play back',
    pause: 'Stop',
    past: 'The gate views and the GAUC below show this past scoring.',
    present: 'The newest scoring. Drag back to see the gates at an earlier one.',
    once: 'Only one scoring so far. After the next one, drag back to see the gates change.',
    recorded:
      'This finished run comes with its last scoring. Train a run of your own to go back in it.',
    kept: 'Long runs keep a part of their scorings, spread over the training.',
  },
  brush: {
    title: 'Brushed pairs',
    hint: 'Drag over the stripes, or hold shift with the arrow keys, to brush a range.',
    count: (pairs: string, all: string) => `${pairs} of ${all} pairs are brushed.`,
    kept: 'They stay the same pairs when the order or the step changes.',
    clear: 'Clear the brush',
    none: 'Nothing is brushed.',
    task: 'Task',
    of: 'Pairs',
    brushed: 'brushed',
    all: 'all',
    positive: 'Positive',
    users: 'Valid users',
    gate: (expert: string) => `Mean gate, ${expert}`,
    gaucNote: 'GAUC of the brushed pairs counts only users with both kinds of pairs among them.',
  },
  histograms: {
    title: 'How the gates spread',
    of: (task: string) => `Gates of ${task.toLowerCase()}`,
    mean: (mean: string) => `mean ${mean}`,
    brushedMean: (mean: string) => `brushed ${mean}`,
    caption: (equal: string, most: string) =>
      `Filled: share of all pairs by gate weight, 0 to 1. Dashed line: equal shares, ${equal}. The tallest bar is ${most} of the pairs.`,
    captionBrush: 'Outline: share of the brushed pairs.',
    alt: (task: string, expert: string, mean: string, low: string, high: string) =>
      `${task}, ${expert}: mean gate ${mean}, the middle half of the pairs between about ${low} and ${high}.`,
    altBrush: (mean: string, low: string, high: string) =>
      `Of the brushed pairs: mean ${mean}, the middle half between about ${low} and ${high}.`,
    table: (task: string) => `Share of the pairs by gate weight, ${task.toLowerCase()}`,
    bin: 'Gate weight',
    brushed: (expert: string) => `${expert}, brushed`,
  },
  course: {
    title: (task: string) => `${task}: mean gate over training`,
    alt: (task: string) =>
      `Mean gate of ${task.toLowerCase()} against the training step: an area per expert, stacked to 1.`,
    axis: 'mean gate, stacked',
    empty: 'The areas appear with the second score.',
  },
};
