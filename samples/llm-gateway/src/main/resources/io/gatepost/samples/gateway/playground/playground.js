/** The page: reads the form, asks the engine a moment after the last key, and shows the answer. */
import {example} from './example.js';
import {goTo, number} from './editor.js';
import {cures, decision, details, element, tree} from './explanation.js';
import {fromFragment, shareable, toFragment} from './share.js';

const PAUSE = 250;
const FIELDS = ['policy', 'claims', 'method', 'uri', 'headers', 'body', 'at', 'source', 'route'];
const by = id => document.getElementById(id);
let timer;
let asked = new AbortController();

function read() {
  const state = {given: by('given').checked};
  for (const name of FIELDS) state[name] = by(name).value;
  return state;
}

function write(state) {
  by('given').checked = state.given;
  for (const name of FIELDS) by(name).value = state[name];
  changed(0);
}

function changed(pause = PAUSE) {
  number();
  by('claims').disabled = !by('given').checked;
  by('outcome').classList.add('pending');
  clearTimeout(timer);
  timer = setTimeout(decide, pause);
}

/** The question; throws a message for the user where the form can't be read. */
function question(state) {
  const headers = state.headers.split('\n').filter(line => line.trim()).map(line => {
    const colon = line.indexOf(':');
    if (colon < 1) throw {field: 'request-problem', message: `Headers: expected “name: value”, found “${line}”.`};
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const request = {method: state.method.trim(), uri: state.uri.trim(), headers};
  if (state.body) request.body = state.body;
  if (state.source.trim()) request.sourceAddress = state.source.trim();
  const asked = {policy: state.policy, request, ...(state.given && {claims: claims(state.claims)})};
  for (const name of ['at', 'route']) if (state[name].trim()) asked[name] = state[name].trim();
  return asked;
}

function claims(text) {
  try {
    const read = JSON.parse(text);
    if (read && typeof read === 'object' && !Array.isArray(read)) return read;
  } catch (problem) {
    throw {field: 'claims-problem', message: `Claims: ${problem.message}.`};
  }
  throw {field: 'claims-problem', message: 'Claims: expected a JSON object.'};
}

async function decide() {
  asked.abort();
  const current = asked = new AbortController();
  say('claims-problem', '');
  say('request-problem', '');
  let body;
  try {
    body = JSON.stringify(question(read()));
  } catch (problem) {
    if (!problem.field) throw problem;
    say(problem.field, problem.message);
    return undecided(problem.message);
  }
  try {
    const response = await fetch('api/decide', {
      method: 'POST', headers: {'content-type': 'application/json'}, body, signal: current.signal,
    });
    const answer = await response.json();
    if (response.ok) show(answer);
    else undecided(`The gateway refused to decide: ${answer.error}.`);
  } catch (problem) {
    if (!current.signal.aborted) undecided('The gateway does not answer. Is it still running?');
  }
}

function say(id, text) {
  if (by(id).textContent !== text) by(id).textContent = text;
}

function show(answer) {
  showFound(answer.diagnostics, answer.findings ?? []);
  if (answer.problem) say('request-problem', answer.problem);
  if (!answer.decision) return undecided(answer.problem ?? 'No decision until the errors in the policies are mended.');
  by('outcome').classList.remove('stale', 'pending');
  replace('decision', decision(answer));
  by('details').replaceChildren(details(answer));
  by('cures').replaceChildren(...cures(answer));
  by('tree').replaceChildren(...tree(answer));
}

function undecided(why) {
  by('outcome').classList.add('stale');
  by('outcome').classList.remove('pending');
  replace('decision', element('p', '', why));
}

/** Leaves a live region alone where it would only say the same again. */
function replace(id, content) {
  if (by(id).innerHTML !== content.outerHTML) by(id).replaceChildren(content);
}

function showFound(diagnostics, findings) {
  const items = [
    ...diagnostics.map(found => problem(found, found.severity, (found.path ? found.path + ': ' : '') + found.message)),
    ...findings.map(found => problem(found, found.level, `${found.message} (${found.rule}): ${found.cure}`)),
  ];
  replace('found', items.length ? element('ul', '', ...items) : element('p', '', 'Nothing wrong is found.'));
}

function problem(found, level, message) {
  const button = element('button', level, `${found.line}:${found.column} ${level}: ${message}`);
  button.type = 'button';
  button.addEventListener('click', () => goTo(found.line, found.column));
  return element('li', '', button);
}

function share() {
  const {state, leftOut} = shareable(read());
  const link = location.href.split('#')[0] + toFragment(state);
  history.replaceState(null, '', link);
  by('shared').hidden = false;
  by('link').value = link;
  by('left-out').textContent = leftOut.length
    ? `Left out, because it may be a secret: ${[...new Set(leftOut)].join(', ')}.`
    : 'It holds all that the page shows. Whoever has the link can read it; no server is sent it.';
  by('link').focus();
  by('link').select();
  navigator.clipboard?.writeText(link).then(() => say('notice', 'The link is copied.'), () => {});
}

function closeShared() {
  by('shared').hidden = true;
  say('notice', '');
  by('share').focus();
}

function open() {
  if (location.hash.length < 2 || location.hash === '#outcome') return write(example);
  const state = fromFragment(location.hash, example);
  say('notice', state ? '' : 'The link can’t be read, so here is the example.');
  write(state ?? example);
}

by('inputs').addEventListener('input', () => changed());
by('inputs').addEventListener('submit', event => event.preventDefault());
by('share').addEventListener('click', share);
by('close-shared').addEventListener('click', closeShared);
by('shared').addEventListener('keydown', event => { if (event.key === 'Escape') closeShared(); });
by('reset').addEventListener('click', () => {
  history.replaceState(null, '', location.pathname);
  write(example);
});
addEventListener('hashchange', () => { if (location.hash !== '#outcome') open(); });
open();
