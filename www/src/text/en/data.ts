/** A person's own data, and what stays in the browser for the next visit. */
export const importing = {
  title: 'Use your own data',
  hint: 'Drop user_log_format1.csv and user_info_format1.csv of IJCAI-15 anywhere on the page, or choose them: plain, gzip, or the contest’s zip, in any order. A dataset.moge of `moge prepare` works, too.',
  private: 'Nothing is uploaded: the files are read in this tab and stay on this machine.',
  choose: 'Choose files…',
  reading: 'Reading the log',
  building: 'Building the dataset and its maps',
  rows: (rows: string) => `${rows} rows`,
  left: (time: string) => `${time} left`,
  seconds: (seconds: number) => `${seconds} s`,
  minutes: (minutes: number) => `${minutes} min`,
  cancel: 'Cancel',
  preview: 'This is what would be used',
  core: (users: string) =>
    `At most ${users} users are kept: of a log with more, those of its busiest shops (its dense core).`,
  actions: (rows: string, clicks: string, carts: string, purchases: string, favourites: string) =>
    `${rows} rows read: ${clicks} clicks, ${carts} carts, ${purchases} purchases, ${favourites} favourites.`,
  noClicks:
    'The log has no clicks, so that nobody is known to have passed something by: for every pair with an action, 4 items without any action are drawn as negatives.',
  few: 'Fewer than 50 users have both kinds of test pairs, so that the GAUC will be rough. Ask for more users, or bring more of the log.',
  use: 'Use this dataset',
  users: 'At most so many users',
  again: 'Read again',
  discard: 'Discard',
  broke:
    'The reading stopped: the tab ran out of memory, or its worker broke. Ask for fewer users, or make a dataset.moge on the command line with `moge prepare --users 3000` and drop that.',
};

export const kept = {
  title: 'Kept in this browser',
  keep: (size: string) => `Keep for the next visit (${size})`,
  kept: (size: string) => `Kept in this browser (${size})`,
  remove: 'Remove',
  removeTitle: 'Remove the kept dataset from this browser',
  found: (name: string, size: string) => `From an earlier visit: ${name} (${size})`,
  open: 'Open it',
  run: (step: string, steps: string) =>
    `Training was under way when you left: its last saved state is step ${step} of ${steps}.`,
  resume: (step: string) => `Resume at step ${step}`,
  discard: 'Discard',
  dismiss: 'Dismiss',
  full: 'the browser has no more room for this page. Remove a kept dataset, or free space on the disk',
  forbidden: (why: string) => `the browser does not let this page keep anything (${why})`,
  datasetRefused: (why: string) => `The dataset is not kept: ${why}. It stays open for this visit.`,
  runRefused: (why: string) =>
    `The run is not kept for the next visit: ${why}. Training goes on; do not close the tab before it is done.`,
};
