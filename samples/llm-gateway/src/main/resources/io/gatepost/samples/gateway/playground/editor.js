/** The policy's editor: a plain text area, so Tab moves on as everywhere, with line numbers beside it. */
const area = document.getElementById('policy');
const gutter = document.getElementById('gutter');

export function number() {
  const lines = area.value.split('\n').length;
  gutter.textContent = Array.from({length: lines}, (_, i) => i + 1).join('\n');
  gutter.scrollTop = area.scrollTop;
}

area.addEventListener('scroll', () => { gutter.scrollTop = area.scrollTop; });

/** Selects the word at a place; lines and columns count from 1, columns in code points. */
export function goTo(line, column) {
  const lines = area.value.split('\n');
  const at = Math.min(line, lines.length) - 1;
  const before = lines.slice(0, at).reduce((sum, text) => sum + text.length + 1, 0);
  const inLine = [...lines[at]].slice(0, column - 1).join('').length;
  const word = /^[\w.-]+|^\S/.exec(lines[at].slice(inLine));
  area.focus();
  area.setSelectionRange(before + inLine, before + inLine + (word ? word[0].length : 0));
  const height = area.scrollHeight / lines.length;
  area.scrollTop = Math.max(0, (at - 3) * height);
}

export function placeButton(line, column, label = `line ${line}`) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'place';
  button.textContent = label;
  button.addEventListener('click', () => goTo(line, column));
  return button;
}
