import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Lab } from '../src/lab.svelte';
import { text } from '../src/text';
import { Session as FakeSession } from './fake-session';
import { workers } from './scripted';
import type { Script } from './scripted';

const LINK = '#v=1&engine=flex&steps=12&evaluate_every=5';
const ADDRESS = { hash: LINK, href: 'http://localhost/', pathname: '/', search: '' };

beforeEach(() => {
  vi.stubGlobal('location', ADDRESS);
  vi.stubGlobal('fetch', async () => new Response(Uint8Array.of(1, 2, 3)));
});
afterEach(() => vi.unstubAllGlobals());

/** A page whose n-th run follows the n-th script; `sessions` are those of its runs. */
function page(...scripts: Script[]) {
  const { makeClient, sessions } = workers(scripts);
  return { lab: new Lab(makeClient, 2), sessions };
}

const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true), 3000);
const stepsOf = (lab: Lab) => lab.run!.evaluations.map(({ step }) => step);

describe('opening', () => {
  test('builds the run of the link, scores it, and waits', async () => {
    const { lab } = page();
    await lab.open(LINK);
    expect(lab.failure).toBeNull();
    expect(lab.run?.config).toMatchObject({ steps: 12, evaluate_every: 5 });
    expect(stepsOf(lab)).toEqual([0]);
    expect(lab.wait).toBeNull();
    expect(lab.run!.step).toBe(0);
    expect(lab.playing).toBe(false);
  });

  test.each([
    ['in part where it is large', LINK, 3000 / 16],
    ['as the settings say', `${LINK}&evaluate_users=70`, 70],
  ])('scores a dataset %s', async (_, link, users) => {
    const card = new FakeSession().open(Uint8Array.of(1));
    const large = { ...card, users: 3000, instances: { ...card.instances, test: 800_000 } };
    const spy = vi.spyOn(FakeSession.prototype, 'open').mockReturnValue(large);
    const { lab } = page();
    await lab.open(link);
    expect(lab.run?.config.evaluate_users).toBe(Math.floor(users));
    expect(lab.notice === text.notice.partScored('187')).toBe(users !== 70);
    spy.mockRestore();
  });

  test('plays at once when play was pressed before', async () => {
    const { lab } = page();
    const opening = lab.open(LINK);
    lab.play();
    expect(lab.playing).toBe(true);
    await opening;
    await until(() => lab.run!.status === 'ended');
    expect(stepsOf(lab)).toEqual([0, 5, 10, 12]);
    expect(lab.run!.reports).toHaveLength(12);
    expect(lab.playing).toBe(false);
    expect(lab.notice).toBe('finished at 12');
  });

  test('explains a file that cannot be fetched, and tries again on request', async () => {
    const { lab } = page();
    vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
    await lab.open(LINK);
    expect(lab.failure?.message).toMatch(/dataset\.moge could not be fetched.*404/);
    vi.stubGlobal('fetch', async () => new Response(Uint8Array.of(1)));
    lab.failure!.retry();
    await until(() => lab.run?.ready === true);
    expect(lab.failure).toBeNull();
  });

  test('names what is wrong in the link', async () => {
    const { lab } = page();
    await lab.open(`${LINK}&d=many`);
    expect(lab.notice).toContain('d=many');
    expect(lab.run?.config.d).toBe(64);
  });
});

describe('changing a setting', () => {
  test('starts a new run, keeps the curves of the one before, and goes on playing', async () => {
    const { lab } = page();
    await lab.open(LINK.replace('steps=12', 'steps=1000'));
    lab.play();
    await until(() => lab.run!.evaluations.length > 1);
    lab.set('channels', [true, true, false]);
    expect(lab.link).toBe('#v=1&engine=flex&channels=1,1,0&evaluate_every=5&steps=1000');
    expect(lab.notice).toContain('Graph channels changed');
    await until(() => lab.run?.info?.config.channels[2] === false && lab.run!.step > 5);
    const steps = lab.run!.reports.map(({ step }) => step);
    expect(steps).toEqual(steps.map((_, i) => i + 1));
    expect(lab.run!.evaluations[0]!.step).toBe(0);
    expect(lab.run!.before.length).toBeGreaterThan(1);
    await lab.pause();
  });

  test('several changes in a row build one run', async () => {
    const { lab, sessions } = page();
    await lab.open(LINK);
    lab.set('d', 8);
    lab.set('d', 16);
    lab.set('seed', 3);
    await until(() => lab.run?.info?.config.seed === 3);
    expect(lab.run?.config.d).toBe(16);
    expect(sessions[0]!.calls.filter((call) => call === 'start')).toHaveLength(2);
  });

  test('to what it was before changes nothing', async () => {
    const { lab, sessions } = page();
    await lab.open(LINK);
    lab.set('steps', 12);
    lab.follow(LINK);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(sessions[0]!.calls.filter((call) => call === 'start')).toHaveLength(1);
  });
});

test('a single step is one step, reset goes back', async () => {
  const { lab } = page();
  await lab.open(LINK);
  await lab.single();
  await lab.single();
  expect(lab.run!.step).toBe(2);
  await lab.reset();
  expect(lab.run!.step).toBe(0);
  expect(lab.run!.reports).toEqual([]);
});

test('a file that is refused is named and the dataset before stays in use', async () => {
  const { lab } = page();
  await lab.open(LINK);
  const { card } = lab;
  await lab.bring([new File([], 'nothing.moge')]);
  expect(lab.fileError).toContain('nothing.moge cannot be used: the file is empty.');
  expect(lab.card).toBe(card);
  await lab.single();
  expect(lab.run!.step).toBe(1);
  await lab.bring([new File(['good'], 'own.moge')]);
  expect(lab.fileError).toBeNull();
  expect(lab.run!.step).toBe(0);
  expect(lab.run!.ready).toBe(true);
});

test('an engine that breaks is replaced, the person is told and training goes on', async () => {
  const panic = Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  const { lab, sessions } = page({ throws: { 8: panic } });
  await lab.open(LINK);
  lab.play();
  await until(() => lab.run!.status === 'ended' && lab.run!.evaluations.at(-1)?.step === 12);
  expect(sessions).toHaveLength(2);
  expect(sessions[1]!.calls).toContain('resume 5');
  expect(stepsOf(lab)).toEqual([0, 5, 10, 12]);
  expect(lab.run!.reports.map(({ step }) => step)).toEqual(
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  expect(lab.failure).toBeNull();
});

test('an engine that breaks twice at the same step ends in the banner', async () => {
  const panic = Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  const { lab } = page({ throws: { 8: panic } }, { throws: { 8: panic } });
  await lab.open(LINK);
  lab.play();
  await until(() => lab.failure !== null);
  expect(lab.failure!.message).toBe('unreachable');
  expect(lab.playing).toBe(false);
  lab.failure!.retry();
  await until(() => lab.failure === null && lab.run!.ready);
  lab.play();
  await until(() => lab.run!.status === 'ended');
});

describe('a link', () => {
  test('that chooses a pair selects it when its data are there', async () => {
    const { lab } = page();
    await lab.open(`${LINK}&selected=7&channel=item_item&sort=degree`);
    await until(() => lab.run!.explanation?.instance === 7);
    expect(lab.selected).toBe(7);
    expect(lab.view).toMatchObject({ channel: 'item_item', sort: 'degree' });
    expect(lab.link).toBe(
      `${LINK.replace('steps=12&', '')}&steps=12&channel=item_item&selected=7&sort=degree`,
    );
  });

  test('that chooses a pair the data do not have is told of', async () => {
    const { lab } = page();
    await lab.open(`${LINK}&selected=999999999`);
    expect(lab.notice).toContain('selected=999999999');
    expect(lab.view.selected).toBeNull();
  });

  test('is followed as a whole, a change is made on top', async () => {
    const { lab } = page();
    await lab.open(LINK);
    lab.apply({ d: 8, channel: 'user_user', selected: 3 });
    expect(lab.config).toMatchObject({ d: 8, steps: 12 });
    expect(lab.view).toMatchObject({ channel: 'user_user', selected: 3 });
    lab.follow('#v=1&d=16&sort=score');
    expect(lab.state).toEqual({ preset: 'demo', engine: 'auto', changed: { d: 16 } });
    expect(lab.view).toMatchObject({ channel: 'user_item', selected: null, sort: 'score' });
    lab.apply({ preset: 'paper', seed: 5 });
    expect(lab.link).toBe('#v=1&preset=paper&seed=5&sort=score');
  });

  test('works before the engine is there', async () => {
    const { lab } = page();
    const opening = lab.open(LINK);
    lab.apply({ d: 8 });
    await opening;
    expect(lab.run!.config).toMatchObject({ d: 8, steps: 12 });
  });

  test('that locks the seed keeps it under another preset', async () => {
    const { lab } = page();
    await lab.open(`${LINK}&seed=9&lock=1`);
    lab.choosePreset('paper');
    expect(lab.config).toMatchObject({ seed: 9, learning_rate: 1e-4 });
  });
});

describe('looking back at earlier scorings', () => {
  test('shows the gates of that step while the run goes on, and comes back', async () => {
    const { lab } = page();
    await lab.open(LINK);
    lab.play();
    await until(() => lab.run!.status === 'ended');
    expect(lab.gates?.step).toBe(12);
    lab.view.step = 5;
    expect(lab.gates?.step).toBe(5);
    expect(lab.evaluation?.step).toBe(5);
    expect(lab.run!.gates?.step).toBe(12);
    lab.view.step = null;
    expect(lab.gates?.step).toBe(12);
    expect(lab.evaluation?.step).toBe(12);
  });

  test('ends when the run begins anew', async () => {
    const { lab } = page();
    await lab.open(LINK);
    lab.play();
    await until(() => lab.run!.status === 'ended');
    lab.view.step = 5;
    await lab.reset();
    expect(lab.view.step).toBeNull();
    expect(lab.run!.history.steps).toEqual([0]);
    lab.view.step = 0;
    lab.set('seed', 3);
    expect(lab.view.step).toBeNull();
  });

  test('a link may open at a step that is scored later', async () => {
    const { lab } = page();
    await lab.open(`${LINK}&step=5`);
    expect(lab.gates?.step).toBe(0);
    lab.play();
    await until(() => lab.run!.status === 'ended');
    expect(lab.gates?.step).toBe(5);
  });
});

test('what a run waits for can be given up; trying again goes on from its last score', async () => {
  const { lab, sessions } = page();
  await lab.open(LINK);
  for (let step = 0; step < 7; step++) await lab.single();
  lab.cancel();
  expect(lab.failure?.message).toBe(text.error.cancelled);
  lab.failure!.retry();
  await until(() => lab.live!.ready);
  expect(sessions).toHaveLength(2);
  expect(sessions[1]!.calls).toContain('resume 5');
  expect(lab.live!.step).toBe(5);
  expect(lab.notice).toBeNull();
});
