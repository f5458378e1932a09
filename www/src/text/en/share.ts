/** Words about links, lessons of a teacher, presenting, and runs as files. */
import type { PanelName } from '../../view.svelte';

const panels: Record<PanelName, string> = {
  dataset: 'Dataset',
  systems: 'Systems',
  channels: 'Channel switches',
  parameters: 'Model and training',
  map: 'Channel map',
  gates: 'Gates',
  sharing: 'What the tasks share',
  sample: 'One test pair',
  serving: 'Scoring and recommending',
  charts: 'Charts',
  race: 'Race',
  gauc: 'GAUC explained',
  ablations: 'Ablations',
  lesson: 'Article',
  share: 'Runs as files',
};

export const share = {
  panels,
  close: 'Close',
  button: 'Share',
  title: 'Share this state',
  link: 'Link to this state',
  copy: 'Copy link',
  copied: 'The link is copied.',
  refused:
    'The browser does not let this page copy. The link is selected: copy it with the keyboard.',
  carries:
    'The link reopens these settings, the engine choice, the open pair, what the panels show, and the language.',
  carriesNot:
    'It holds settings, not results: the run is trained anew, and with the same seed on the same engine it gives the same curves.',
  ownData:
    'Your own data are not in it. Whoever opens it sees these settings on the data that come with the page, until they open the same data themselves.',
  several: (count: number) => `It holds the run that is open, not the other ${count} of the race.`,

  lesson: {
    title: 'Make it a lesson',
    intro: 'Hide what would distract, and ask for a prediction before anything is trained.',
    hide: 'Hide',
    lock: 'Lock the seed, so that all get the same run',
    ask: 'Question',
    askHint: 'What will happen to the GAUC of purchase without the item–item channel?',
    answers: 'Answers to choose from',
    answer: (n: number) => `Answer ${n}`,
    preview: 'Preview in a new tab',
    bar: 'Lesson',
    hidden: (names: string) => `Your teacher has hidden: ${names}.`,
    locked: 'The seed is locked.',
    lockedHint: 'Your teacher has locked the seed.',
    showAll: 'Show all',
    question: 'First, a prediction',
    choose: 'Choose an answer to begin.',
    own: 'Your answer',
    begin: 'Begin',
    later: 'Answer later',
    answerNow: 'Answer',
    predicted: 'You predicted',
    then: (step: string) => `when you answered, step ${step}`,
    now: (step: string) => `now, step ${step}`,
    untrained: 'Train to see what happens.',
    list: ', ',
  },

  present: {
    start: 'Present (P key)',
    end: 'End presenting (Escape key)',
  },

  export: {
    open: (name: string) => `Export ${name}`,
    group: 'Export',
    csv: 'Curves, CSV',
    svg: 'Curves, SVG',
    model: 'Model, safetensors',
    record: 'Run, JSON',
    noModel: 'This run came as curves alone; it has no model.',
    failed: (why: string) => `This could not be exported: ${why}`,
  },

  files: {
    title: 'Runs as files',
    intro:
      'Open a run that was exported here or made by moge train: its model.safetensors, its run.json, or both. Drop the files here or choose them.',
    open: 'Open a run',
    classOpen: 'Merge a class’s runs',
    classIntro:
      'Students export their runs as JSON; drop all of the files here at once. They are merged on this machine and are sent nowhere.',
    model: 'with its model',
    curves: 'curves alone',
    opened: (file: string, what: string) => `${file} is in the race, ${what}.`,
    refused: (file: string, why: string) => `${file} cannot be used: ${why}`,
    kind: 'it is neither a .safetensors nor a .json file. Choose the files that a run was exported to.',
    otherDataset: (own: string, open: string) =>
      `it was trained on the dataset ${own}, and ${open} is open. Open that dataset first.`,
    notReady: 'the page has no dataset yet. Try again when the first run is built.',
    cut: (step: string) => `The file holds the run up to step ${step}.`,
    notJson: 'it is not JSON, or it is cut off. Export the run again.',
    notRun: (field: string) =>
      `it is not the record of a run: its field “${field}” is missing or wrong. Choose a run.json of \`moge train\` or an export of this page.`,
    format: (format: string) =>
      `it has the format ${format}, and this page reads format 1. Open it with a newer version of the page.`,
    setting: (name: string, value: string) =>
      `its setting ${name} is ${value}, which this page does not know.`,
    unscored: 'it holds no scores yet. Export it after the first evaluation.',
  },

  class: {
    title: 'The class',
    clear: 'Clear',
    alt: (of: string) =>
      `Test GAUC of ${of} against the training step: the mean of each group of files, with a band.`,
    table: 'Groups of files with the same settings',
    group: 'Settings',
    files: 'Files',
    seeds: 'Seeds',
    bestNote:
      'Mean over the files of a group, at each file’s best validation score, ± standard deviation.',
    taken: (count: number) => (count === 1 ? '1 file is merged.' : `${count} files are merged.`),
    out: (count: number) => (count === 1 ? '1 file is left out:' : `${count} files are left out:`),
    duplicate: (file: string) => `it holds the very run that ${file} holds.`,
    other: (own: string, most: string) =>
      `it was trained on another dataset, ${own}, than most of the files, ${most}.`,
  },
};
