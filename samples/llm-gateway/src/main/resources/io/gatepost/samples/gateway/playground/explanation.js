/** Shows what the engine answered. Text only ever becomes text nodes, never markup. */
import {placeButton} from './editor.js';

const MARKS = {passed: ['✓', 'yes: '], failed: ['✗', 'no: '], not_asked: ['–', 'not asked: '], note: ['', '']};

export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function decision(answer) {
  const allowed = answer.decision === 'allow';
  const verdict = allowed ? 'Allowed' : `Denied ${answer.status}`;
  return element('p', answer.decision,
    element('strong', '', verdict), allowed ? '' : element('code', '', answer.reason),
    element('span', 'summary', answer.summary));
}

export function details(answer) {
  if (!answer.challenge) return '';
  return element('dl', '', element('dt', '', 'WWW-Authenticate'), element('dd', '', element('code', '', answer.challenge)));
}

export function cures(answer) {
  if (answer.decision !== 'deny') return [];
  const cut = answer.cut ? [element('p', '', 'The search was cut for lack of time: there may be more.')] : [];
  if (!answer.cures.length) {
    return [element('h3', '', 'What would allow it'), element('p', '', 'No small change was found that would.'), ...cut];
  }
  const items = answer.cures.map(cure => element('li', '', cure.text,
    cure.changesPolicy ? element('small', '', ' (a change of the policy)') : ''));
  return [element('h3', '', 'What would allow it'), element('ul', '', ...items), ...cut];
}

export function tree(answer) {
  return answer.tree.length ? [element('h3', '', 'Why'), list(answer.tree)] : [];
}

function list(nodes) {
  return element('ul', '', ...nodes.map(item));
}

function item(node) {
  const [sign, word] = MARKS[node.mark] ?? ['', ''];
  const label = [];
  if (sign) {
    const mark = element('span', 'mark', sign);
    mark.setAttribute('aria-hidden', 'true');
    label.push(mark, element('span', 'hidden', word));
  }
  const text = element('span', node.decisive ? 'decisive' : '', node.text);
  if (node.value !== undefined) text.append(' = ', element('span', 'value', node.value));
  label.push(text);
  if (node.decisive) label.push(element('span', 'badge', 'decisive'));
  const place = node.kind === 'part' ? null : /:(\d+):(\d+)$/.exec(node.at ?? '');
  const button = place ? placeButton(Number(place[1]), Number(place[2])) : '';
  const className = `${node.kind} ${node.mark}`;
  if (!node.children.length) return element('li', className, ...label, button);
  const open = element('details', '', element('summary', '', ...label), list(node.children));
  open.open = true;
  return element('li', className, open);
}
