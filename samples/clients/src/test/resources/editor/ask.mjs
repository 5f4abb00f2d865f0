// node ask.mjs FILE: what yaml-language-server says of a file that names its schema, a line each.
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

const file = resolve(process.argv[2]);
const text = readFileSync(file, 'utf8');
const textDocument = {uri: pathToFileURL(file).href};
const settings = {yaml: {schemaStore: {enable: false}, validate: true, hover: true, completion: true}};
const server = spawn(process.execPath, ['node_modules/yaml-language-server/bin/yaml-language-server', '--stdio'],
  {stdio: ['pipe', 'pipe', 'inherit']});
const answers = new Map();
let received = Buffer.alloc(0);
let last = 0;

function send(message) {
  const body = Buffer.from(JSON.stringify({jsonrpc: '2.0', ...message}));
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
}

const answer = key => new Promise(heard => answers.set(key, heard));

function ask(method, params) {
  send({id: ++last, method, params});
  return answer(last);
}

function hear({id, method, params, result}) {
  if (method === 'workspace/configuration') {
    send({id, result: params.items.map(({section}) => settings[section] ?? null)});
  } else if (method && id !== undefined) send({id, result: null});
  else answers.get(method ?? id)?.(result ?? params);
}

server.stdout.on('data', data => {
  received = Buffer.concat([received, data]);
  for (let head; (head = received.indexOf('\r\n\r\n')) >= 0;) {
    const end = head + 4 + Number(/Content-Length: (\d+)/.exec(received.subarray(0, head))[1]);
    if (received.length < end) return;
    const body = received.subarray(head + 4, end);
    received = received.subarray(end);
    hear(JSON.parse(body));
  }
});

/** The place right behind some words. */
function behind(words) {
  const lines = text.slice(0, text.indexOf(words) + words.length).split('\n');
  return {line: lines.length - 1, character: lines.at(-1).length};
}

const labels = async position => {
  const offered = await ask('textDocument/completion', {textDocument, position});
  return (offered.items ?? offered).map(item => item.label).sort().join(' ');
};

await ask('initialize', {processId: process.pid, rootUri: null, capabilities: {workspace: {configuration: true}}});
send({method: 'initialized', params: {}});
send({method: 'workspace/didChangeConfiguration', params: {settings}});
const published = answer('textDocument/publishDiagnostics');
send({method: 'textDocument/didOpen', params: {textDocument: {...textDocument, languageId: 'yaml', version: 1, text}}});
const {diagnostics} = await published;
diagnostics
  .map(({range: {start}, message}) => `${start.line + 1}:${start.character + 1} ${message}`)
  .sort()
  .forEach(line => console.log(line));
const hover = await ask('textDocument/hover', {textDocument, position: behind('      mod')});
console.log(`hover: ${(hover?.contents?.value ?? '').replaceAll('\n', ' ')}`);
console.log(`values: ${await labels(behind('action: '))}`);
console.log(`fields: ${await labels(behind('discovery: true\n          '))}`);
server.kill();
