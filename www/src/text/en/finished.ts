/** The run that comes with the page, and the page without a connection. */
export const finished = {
  /** In the charts, and where its numbers stand. */
  name: 'finished run',
  title: 'Trained to its end when this page was built, with the engine and the data of this page.',
  shown: 'Shown: a finished run.',
  curve: 'Dashed and pale: a finished run, trained when this page was built.',
  chart: 'Drawn as soon as the engine is here.',
  waiting: 'It starts as soon as the engine is here.',
};

export const offline = {
  label: 'Version',
  ready: 'A new version of this page is ready.',
  reload: 'Reload',
  later: 'Later',
};
