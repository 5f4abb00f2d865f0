/**
 * The page's state as the fragment of a link, which browsers never send to a server. What may be a secret is left out:
 * headers that carry credentials, tokens and private keys wherever they stand, and every document
 * that is no policy, gateway or route.
 */
const SECRET_HEADER = /auth|cookie|token|jwt|assertion|secret|key|password|credential|session|signature/i;
const SECRET_NAME = /token|jwt|assertion|secret|key|password|credential|session|signature|^(code|auth|sig)$/i;
const TOKEN = /\beyJ[\w-]{5,}(\.[\w-]*)+|\b(sk|pk|ghp|xox[a-z])[-_][\w-]{12,}|\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const PRIVATE_PART = /(["'](?:d|p|q|dp|dq|qi|k|oth)["']\s*:\s*)["'][^"']*["']/g;
const SHARED = /\bkind["']?\s*:\s*["']?(TrafficPolicy|AgentgatewayPolicy|Gateway|HTTPRoute)\b/;
const SECRET_DOCUMENT = /\bkind["']?\s*:\s*[^\n]*\b(Secret|AgentgatewayBackend)\b|\bstringData\b/;
const GONE = '(left out)';

/** Gives {state, leftOut}: what may be shared, and in words what may not. */
export function shareable(state) {
  const leftOut = [];
  const clean = (text, where) => {
    const cleaned = text.replace(PRIVATE_KEY, GONE).replace(PRIVATE_PART, `$1"${GONE}"`).replace(TOKEN, GONE);
    if (cleaned !== text) leftOut.push(`what looks like a token or a private key in the ${where}`);
    return cleaned;
  };
  const kept = {
    policy: clean(policies(state.policy, leftOut), 'policies'),
    given: state.given,
    claims: clean(state.claims, 'claims'),
    method: clean(state.method, 'method'),
    uri: clean(query(state.uri, leftOut), 'path and query'),
    headers: clean(headers(state.headers, leftOut), 'headers'),
    body: clean(state.body, 'body'),
    at: clean(state.at, 'time'),
    source: clean(state.source, 'client address'),
    route: clean(state.route, 'route'),
  };
  return {state: kept, leftOut};
}

function policies(text, leftOut) {
  const documents = text.split(/^(?=---(?:\s|$))/m);
  const kept = documents.filter(one => !one.replace(/^---/, '').trim() || (SHARED.test(one) && !SECRET_DOCUMENT.test(one)));
  if (kept.length < documents.length) leftOut.push(`${documents.length - kept.length} document(s) that are no policy, gateway or route`);
  return kept.join('');
}

function headers(text, leftOut) {
  return text.split('\n').filter(line => {
    const name = line.split(':', 1)[0].trim();
    const secret = SECRET_HEADER.test(name);
    if (secret) leftOut.push(`the header ${name}`);
    return !secret;
  }).join('\n');
}

function query(uri, leftOut) {
  const [path, ...rest] = uri.split('?');
  if (!rest.length) return uri;
  const pairs = rest.join('?').split('&').filter(pair => {
    const name = decoded(pair.split('=', 1)[0]);
    const secret = SECRET_NAME.test(name);
    if (secret) leftOut.push(`the query parameter ${name}`);
    return !secret;
  });
  return pairs.length ? `${path}?${pairs.join('&')}` : path;
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function toFragment(state) {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const binary = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
  return '#' + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The state of a link; null for a fragment that holds none. */
export function fromFragment(fragment, example) {
  try {
    const binary = atob(fragment.slice(1).replaceAll('-', '+').replaceAll('_', '/'));
    const read = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(Uint8Array.from(binary, c => c.charCodeAt(0))));
    const state = {};
    for (const [name, value] of Object.entries(example)) {
      // Links of before these fields have none of them.
      const given = read[name] ?? (['at', 'source', 'route'].includes(name) ? '' : undefined);
      if (typeof given !== typeof value) return null;
      state[name] = given;
    }
    return state;
  } catch {
    return null;
  }
}
