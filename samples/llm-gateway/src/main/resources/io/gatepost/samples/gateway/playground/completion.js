/**
 * Offers the names of expressions while one is typed in the policies. The list never takes the focus, and no key but
 * Down, Up, Escape and, once a name is chosen, Enter.
 */
const area = document.getElementById('policy');
const list = document.getElementById('completions');
const said = document.getElementById('completions-said');
const ruler = document.getElementById('ruler');
const MOST = 8;
const EXPRESSION_KEY = /(?:matchExpressions|expression)["']?\s*:/;
const KEY_OF_LINE = /^\s*(?:- +)*["']?[A-Za-z]\w*["']?\s*:(?:\s|$)/;

let catalogue = [];
let offered = [];
let chosen = -1;
let written = '';

fetch('catalogue.json').then(response => response.json()).then(entries => {
  const names = new Set();
  catalogue = entries.filter(entry => !names.has(entry.form) && names.add(entry.form));
});

/** Whether what stands before the caret ends within an expression: the key above or before it tells. */
function isExpression(before) {
  const lines = before.split('\n');
  while (lines.length) {
    const line = lines.pop();
    if (EXPRESSION_KEY.test(line)) return true;
    if (KEY_OF_LINE.test(line)) return false;
  }
  return false;
}

/** What could be meant by `word`, such as `jwt`, `request.pa` or `.en`, the start of a call on a value. */
function candidates(word) {
  const dot = word.lastIndexOf('.');
  const start = word.slice(dot + 1);
  const named = catalogue.filter(entry => entry.name.startsWith(word) && !isCalledOnValue(entry)
    && (entry.kind === 'function' || !entry.name.slice(word.length).includes('.')));
  if (dot < 0) return named;
  const type = catalogue.find(entry => entry.name === word.slice(0, dot))?.signatures[0] ?? 'any';
  const called = catalogue.filter(entry => isCalledOnValue(entry) && entry.name.startsWith(start) && fits(entry, type));
  return type === 'structure' ? named : [...named, ...called];
}

const isCalledOnValue = entry => /^\w\./.test(entry.form);

/** Macros, which have no signatures, are for lists and maps. */
function fits(entry, type) {
  return type === 'any' || entry.signatures.some(signature => signature.startsWith(`${type.split('(')[0]}`))
    || (!entry.signatures.length && /^(list|map)/.test(type));
}

function update(asked = false) {
  const before = area.value.slice(0, area.selectionStart);
  written = /(?:[A-Za-z_]\w*|(?<=[)\]"'])(?=\.))?(?:\.\w*)*$/.exec(before)[0];
  const wanted = (asked || written) && area.selectionStart === area.selectionEnd && isExpression(before);
  offered = wanted ? candidates(written).filter(entry => entry.name !== written).slice(0, MOST) : [];
  chosen = -1;
  show();
}

function show() {
  list.hidden = !offered.length;
  list.replaceChildren(...offered.map(option));
  area.removeAttribute('aria-activedescendant');
  const say = offered.length ? `${offered.length} names; Down to choose one, Escape to close` : '';
  if (said.textContent !== say) said.textContent = say;
  if (offered.length) place();
}

function option(entry, index) {
  const item = document.createElement('li');
  item.id = `completion-${index}`;
  item.setAttribute('role', 'option');
  item.setAttribute('aria-selected', 'false');
  const form = document.createElement('code');
  form.textContent = entry.kind === 'function' ? entry.form : `${entry.form}: ${entry.signatures[0]}`;
  item.append(form, ' ', entry.description);
  item.addEventListener('mousedown', event => {
    event.preventDefault();
    take(entry);
  });
  return item;
}

/** Under the caret, as far as there is room. */
function place() {
  const lines = area.value.slice(0, area.selectionStart).split('\n');
  const character = ruler.getBoundingClientRect().width / ruler.textContent.length;
  const height = parseFloat(getComputedStyle(area).lineHeight);
  const left = area.offsetLeft + 8 + (lines.at(-1).length - written.length) * character - area.scrollLeft;
  list.style.top = `${Math.min(area.clientHeight, lines.length * height + 10 - area.scrollTop)}px`;
  list.style.left = `${Math.max(0, Math.min(left, list.parentElement.clientWidth - list.offsetWidth))}px`;
}

function choose(index) {
  chosen = (index + offered.length) % offered.length;
  [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === chosen)));
  area.setAttribute('aria-activedescendant', list.children[chosen].id);
}

/** A call gets its parentheses, with the caret between them where something belongs there. */
function take(entry) {
  const isCall = entry.kind === 'function';
  const kept = isCalledOnValue(entry) ? written.slice(written.lastIndexOf('.') + 1) : written;
  const end = area.selectionStart;
  const open = isCall && area.value[end] !== '(';
  area.setRangeText(entry.name + (open ? '()' : ''), end - kept.length, end, 'end');
  if (open && !entry.form.endsWith('()')) area.setSelectionRange(area.selectionStart - 1, area.selectionStart - 1);
  area.dispatchEvent(new Event('input', {bubbles: true}));
  close();
}

function close() {
  offered = [];
  show();
}

area.addEventListener('input', event => { if (event.inputType) update(); else close(); });
area.addEventListener('blur', close);
area.addEventListener('click', close);
area.addEventListener('scroll', () => { if (offered.length) place(); });
area.addEventListener('keydown', event => {
  if (event.key === ' ' && event.ctrlKey) {
    event.preventDefault();
    update(true);
  } else if (offered.length && ['ArrowDown', 'ArrowUp', 'Escape'].includes(event.key)) {
    event.preventDefault();
    if (event.key === 'Escape') close();
    else choose(event.key === 'ArrowDown' ? chosen + 1 : Math.max(chosen, 0) - 1);
  } else if (chosen >= 0 && event.key === 'Enter') {
    event.preventDefault();
    take(offered[chosen]);
  } else if (/^(Arrow|Home|End|Page)/.test(event.key)) {
    close();
  }
});
