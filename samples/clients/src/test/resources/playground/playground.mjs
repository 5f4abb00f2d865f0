// node playground.mjs PAGE SCENARIO: one scenario in a browser of its own; ends with 1 where it fails.
import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import puppeteer from 'puppeteer-core';

const [url, wanted] = process.argv.slice(2);
const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const TOKEN = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from('{"sub":"alice"}').toString('base64url')}.c2lnbmF0dXJl`;

const text = (page, selector) => page.$eval(selector, element => element.textContent);
const decision = (page, pattern) => page.waitForFunction(
  (source) => new RegExp(source, 's').test(document.querySelector('#decision').textContent)
    && !document.querySelector('#outcome').classList.contains('pending'), {timeout: 20_000}, pattern.source);

async function open(browser, fragment = '') {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  page.problems = [];
  page.asked = [];
  page.on('pageerror', problem => page.problems.push(String(problem)));
  page.on('console', message => { if (message.type() === 'error') page.problems.push(message.text()); });
  page.on('request', request => page.asked.push(request.url()));
  await page.setViewport({width: 1360, height: 900});
  await page.goto(url + fragment);
  await page.waitForFunction(() => document.querySelector('#decision').textContent !== '');
  return page;
}

/** Types over what a field holds, as a user does: all selected, then typed. */
async function enter(page, selector, value) {
  await page.focus(selector);
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.type(value);
}

/** Sets what is too long to be typed. */
async function paste(page, selector, value) {
  await page.$eval(selector, (field, text) => {
    field.value = text;
    field.dispatchEvent(new Event('input', {bubbles: true}));
  }, value);
}

const sharedState = async page => {
  await page.click('#share');
  const link = await page.$eval('#link', field => field.value);
  return {link, state: JSON.parse(Buffer.from(link.split('#')[1], 'base64url').toString('utf8'))};
};

const scenarios = {
  async decidesOnTheExampleAtOnce(browser) {
    const page = await open(browser);
    await decision(page, /Denied 403.*rule_not_matched/);
    const tree = await text(page, '#tree');
    assert.match(tree, /jwt\.tier = silver|jwt\.tier = "silver"/);
    assert.match(tree, /decisive/);
    assert.match(await text(page, '#cures'), /gold|gpt-4\.1-nano/);
    assert.deepEqual(page.problems, []);
  },

  async showsMistakesAsTheyAreTypedAndLeadsToThem(browser) {
    const page = await open(browser);
    const policy = await page.$eval('#policy', area => area.value);
    await decision(page, /Denied/);
    await page.focus('#policy');
    await page.$eval('#policy', area => {
      const at = area.value.indexOf('jwt.tier');
      area.setSelectionRange(at, at + 3);
    });
    await page.keyboard.type('jvt');
    await page.waitForSelector('#found .error');
    assert.match(await text(page, '#found .error'), /^\d+:\d+ error: .*did you mean `jwt`\?/);
    assert.match(await text(page, '#decision'), /No decision until/);
    await page.click('#found .error');
    const selected = await page.$eval('#policy', area => area.value.slice(area.selectionStart, area.selectionEnd));
    assert.match(selected, /^jvt/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'policy');
    await paste(page, '#policy', policy);
    await decision(page, /Denied 403/);
    assert.equal(await page.$('#found .error'), null);
  },

  async tellsWhatIsProbablyAMistakeAndLeadsToIt(browser) {
    const page = await open(browser);
    await decision(page, /Denied/);
    assert.match(await text(page, '#found'), /Nothing wrong/);
    const policy = await page.$eval('#policy', area => area.value);
    await paste(page, '#policy', policy.replace('request.method == "POST"', 'request.path.startsWith("/v1/chat")'));
    await page.waitForSelector('#found .warning');
    assert.match(await text(page, '#found .warning'), /warning: .*also holds for .*\(open-path-prefix\): end it with/);
    assert.match(await text(page, '#decision'), /Denied 403/);
    await page.click('#found .warning');
    const selected = await page.$eval('#policy', area => area.value.slice(area.selectionStart, area.selectionEnd));
    assert.match(selected, /^request\.path/);
    await paste(page, '#policy', policy);
    await page.waitForFunction(() => /Nothing wrong/.test(document.querySelector('#found').textContent));
    assert.deepEqual(page.problems, []);
  },

  async decidesAnewWhenClaimsChange(browser) {
    const page = await open(browser);
    await decision(page, /Denied 403/);
    await enter(page, '#claims', '{"sub": "alice", "teams": ["research"], "tier": "gold"}');
    await decision(page, /^Allowed/);
    await page.click('#given');
    await decision(page, /Denied 401.*token_missing/);
    assert.match(await text(page, '#details'), /Bearer/);
    assert.match(await text(page, '#found'), /asks no server for keys/);
  },

  async saysWhichJsonCannotBeRead(browser) {
    const page = await open(browser);
    await decision(page, /Denied 403/);
    await enter(page, '#claims', '{"sub": ');
    await page.waitForFunction(() => document.querySelector('#claims-problem').textContent.startsWith('Claims: '));
    await enter(page, '#claims', '[]');
    await page.waitForFunction(() => /JSON object/.test(document.querySelector('#claims-problem').textContent));
    await enter(page, '#claims', '{}');
    await decision(page, /Denied 403/);
    assert.equal(await text(page, '#claims-problem'), '');
    await enter(page, '#headers', 'nonsense');
    await page.waitForFunction(() => /name: value/.test(document.querySelector('#request-problem').textContent));
  },

  async isUsedByKeyboardOnly(browser) {
    const page = await open(browser);
    await decision(page, /Denied/);
    const reached = [];
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => {
        const focused = document.activeElement;
        const shown = focused.closest('.editor') ?? focused;
        const {outlineStyle, outlineWidth} = getComputedStyle(shown);
        return {page: focused === document.body, name: focused.id || focused.className || focused.localName, outline: `${outlineStyle} ${outlineWidth}`};
      });
      if (here.page) break;
      assert.match(here.outline, /^solid 3px/, `focus shows on ${here.name}`);
      reached.push(here.name);
    }
    for (const name of ['skip', 'reset', 'share', 'policy', 'given', 'claims', 'method', 'uri', 'headers', 'body', 'place', 'summary']) {
      assert.ok(reached.includes(name), `${name} is reached by Tab: ${reached}`);
    }
    await page.focus('#share');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'link');
    await page.keyboard.press('Escape');
    assert.equal(await page.$eval('#shared', section => section.hidden), true);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'share');
    await page.focus('#given');
    await page.keyboard.press('Space');
    await decision(page, /Denied 401/);
    await page.focus('#tree summary');
    await page.keyboard.press('Enter');
    assert.equal(await page.$eval('#tree details', details => details.open), false);
  },

  async completesNamesOfExpressions(browser) {
    const page = await open(browser);
    await decision(page, /Denied/);
    const offers = () => page.$$eval('#completions li', items => items.map(item => item.querySelector('code').textContent));
    const offered = form => page.waitForFunction(
      wanted => [...document.querySelectorAll('#completions li code')].some(code => code.textContent === wanted), {}, form);
    const hidden = () => page.waitForFunction(() => document.querySelector('#completions').hidden);
    const active = () => page.evaluate(() => {
      const id = document.activeElement.getAttribute('aria-activedescendant');
      return id && document.getElementById(id).textContent;
    });
    const policy = await page.$eval('#policy', area => area.value);
    const write = async expression => {
      await paste(page, '#policy', policy.replace(/>-[^]*/, ''));
      await page.focus('#policy');
      await page.keyboard.down('Control');
      await page.keyboard.press('End');
      await page.keyboard.up('Control');
      await page.keyboard.type(expression);
    };
    const line = () => page.$eval('#policy', area => area.value.trimEnd().split('\n').at(-1).trim());

    await write('req');
    await offered('request: structure');
    assert.equal(await active(), null, 'nothing is chosen unasked');
    assert.match(await text(page, '#completions-said'), /names; Down to choose/);
    await page.keyboard.press('ArrowDown');
    assert.match(await active(), /^request: structure/);
    await page.keyboard.press('Enter');
    await hidden();
    assert.equal(await line(), '- request');
    await page.keyboard.type('.pa');
    await offered('request.path: string');
    assert.deepEqual(await offers(), ['request.path: string', 'request.pathAndQuery: string']);
    await page.keyboard.press('ArrowUp');
    assert.match(await active(), /^request\.pathAndQuery/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('.starts');
    await offered('s.startsWith(p)');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('"/v1/');
    assert.equal(await line(), '- request.path.startsWith("/v1/)', 'the caret is between the parentheses');
    await page.keyboard.type('"');
    await decision(page, /^Allowed/);

    await write('request.path.isL');
    await hidden();
    await write('ip(source.address).isL');
    await offered('a.isLoopback()');
    await page.keyboard.press('Escape');
    await hidden();
    await page.keyboard.press('Enter');
    assert.equal(await page.$eval('#policy', area => area.value.at(-1)), '\n', 'Enter is a new line as ever');

    await write('jw');
    await offered('jwt: any');
    await page.click('#completions li');
    assert.equal(await line(), '- jwt');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'policy');
    await page.keyboard.type(' == sco');
    await offered('scopes(jwt)');
    await page.keyboard.press('Tab');
    await hidden();
    assert.notEqual(await page.evaluate(() => document.activeElement.id), 'policy', 'Tab moves on');

    await page.$eval('#policy', area => {
      area.focus();
      area.setSelectionRange(area.value.indexOf('models-by-team'), area.value.indexOf('models-by-team'));
    });
    await page.keyboard.type('req');
    assert.deepEqual(await offers(), [], 'nothing is offered beside expressions');
    assert.deepEqual(page.problems, []);

    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
      await write('request.');
      await offered('request.path: string');
      await page.keyboard.press('ArrowDown');
      await checkAxe(page, `${scheme}, names offered`);
      await page.screenshot({path: `names-${scheme}.png`});
    }
    await page.setViewport({width: 360, height: 740});
    await write('request.headers.co');
    await offered('h.cookie(name)');
    const {scroll, client} = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth,
    }));
    assert.ok(scroll <= client, `nothing to scroll sideways: ${scroll} > ${client}`);
    await page.screenshot({path: 'names-narrow.png'});
  },

  async sharesALinkThatRestoresThePage(browser) {
    const page = await open(browser);
    await enter(page, '#uri', '/v1/chat/completions?gr%C3%BC%C3%9Fe=ja');
    await enter(page, '#claims', '{"sub": "zoë", "teams": ["research"], "tier": "gold"}');
    await decision(page, /^Allowed/);
    const {link, state} = await sharedState(page);
    assert.match(await text(page, '#left-out'), /all that the page shows/);
    const other = await open(browser, '#' + link.split('#')[1]);
    await decision(other, /^Allowed/);
    assert.equal(await other.$eval('#claims', area => area.value), state.claims);
    assert.equal(await other.$eval('#uri', field => field.value), '/v1/chat/completions?gr%C3%BC%C3%9Fe=ja');
    assert.ok(other.asked.every(asked => !asked.split('#')[0].includes(link.split('#')[1])), 'no server is told');
  },

  async leavesSecretsOutOfTheLinkAndSaysSo(browser) {
    const page = await open(browser);
    await decision(page, /Denied/);
    const policy = await page.$eval('#policy', area => area.value);
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {Authorization: hunter2-in-a-secret}\n';
    await paste(page, '#policy', `${secret}---\n${policy}---\n${secret.replace('name: s', 'name: t')}`);
    await paste(page, '#headers',
      `Authorization: Bearer ${TOKEN}\nCookie: sid=hunter2\nX-Api-Key: hunter2\nx-other: ${TOKEN}\ncontent-type: application/json`);
    await paste(page, '#uri', `/v1/models?access%5Ftoken=hunter2&limit=3`);
    await paste(page, '#body', JSON.stringify({model: 'm', nested: TOKEN, key: 'sk-hunter2hunter2hunter2'}));
    const {link, state} = await sharedState(page);
    const all = JSON.stringify(state);
    assert.doesNotMatch(all, /hunter2/);
    for (const part of TOKEN.split('.')) assert.ok(!all.includes(part), 'no part of a token');
    assert.equal(state.policy.replace(/---\s*/g, ''), policy);
    assert.match(state.headers, /content-type: application\/json/);
    assert.equal(state.uri, '/v1/models?limit=3');
    const said = await text(page, '#left-out');
    for (const what of ['the header Authorization', 'the header Cookie', 'the header X-Api-Key', '2 document(s)', 'access_token', 'body']) {
      assert.ok(said.includes(what), `says ${what}: ${said}`);
    }
    assert.equal(page.url(), link);
  },

  async survivesALinkThatIsNone(browser) {
    for (const fragment of ['#nonsense', '#e30', '#%', `#${Buffer.from('{"policy":7}').toString('base64url')}`]) {
      const page = await open(browser, fragment);
      await decision(page, /Denied 403/);
      assert.match(await text(page, '#notice'), /can’t be read/);
      assert.deepEqual(page.problems, []);
      await page.close();
    }
  },

  async takesNoMarkupFromWhatIsTyped(browser) {
    const page = await open(browser);
    const markup = '<img src=x onerror=alert(1)><script>alert(1)</script>';
    await paste(page, '#claims', JSON.stringify({sub: markup, tier: markup, teams: ['research']}));
    await decision(page, /Denied 403/);
    await paste(page, '#policy', `kind: "${markup.replaceAll('"', '')}"\napiVersion: v1\nmetadata: {name: x}\n`);
    await page.waitForFunction(() => document.querySelector('#found').textContent.includes('<img'));
    assert.equal(await page.$('#outcome img, #found img, #outcome script'), null);
    assert.deepEqual(page.problems, []);
  },

  async asksNoOtherOrigin(browser) {
    const page = await open(browser);
    await decision(page, /Denied/);
    assert.ok(page.asked.length > 5);
    assert.deepEqual(page.asked.filter(asked => !asked.startsWith(url)), []);
    const ran = await page.evaluate(() => new Promise(resolve => {
      const script = document.createElement('script');
      script.textContent = 'window.inlineScriptRan = true';
      document.body.append(script);
      setTimeout(() => resolve(window.inlineScriptRan === true), 0);
    }));
    assert.equal(ran, false, 'an inline script is refused');
  },

  async isAccessibleInLightAndDark(browser) {
    for (const scheme of ['light', 'dark']) {
      const page = await open(browser);
      await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
      await decision(page, /Denied 403/);
      await checkAxe(page, `${scheme}, denied`);
      await page.screenshot({path: `wide-${scheme}.png`, fullPage: true});
      await page.click('#share');
      await checkAxe(page, `${scheme}, shared`);
      await page.screenshot({path: `shared-${scheme}.png`, fullPage: true});
      await page.keyboard.press('Escape');
      await paste(page, '#claims', '{"sub": "alice", "teams": ["research"], "tier": "gold"}');
      await decision(page, /^Allowed/);
      await checkAxe(page, `${scheme}, allowed`);
      await page.screenshot({path: `allowed-${scheme}.png`, fullPage: true});
      await paste(page, '#policy', 'kind: Secret\nspec: }');
      await page.waitForSelector('#found .error');
      await checkAxe(page, `${scheme}, errors`);
      await page.screenshot({path: `errors-${scheme}.png`, fullPage: true});
      await page.close();
    }
  },

  async fitsNarrowWindows(browser) {
    const page = await open(browser);
    await decision(page, /Denied 403/);
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
      await page.setViewport({width: 360, height: 740});
      const {scroll, client} = await page.evaluate(() => ({
        scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth,
      }));
      assert.ok(scroll <= client, `nothing to scroll sideways: ${scroll} > ${client}`);
      await checkAxe(page, `${scheme}, narrow`);
      await page.screenshot({path: `narrow-${scheme}.png`, fullPage: true});
    }
  },
};

async function checkAxe(page, state) {
  await page.evaluate(axe);
  const {violations, passes} = await page.evaluate(() => window.axe.run());
  const found = violations.map(one => `${one.impact} ${one.id}: ${one.nodes.map(node => node.html).join(' | ')}`);
  console.log(`axe, ${state}: ${passes.length} rules passed, ${violations.length} violated ${found.join('\n')}`);
  assert.deepEqual(found, [], state);
}

const profile = mkdtempSync(join(tmpdir(), 'playground-'));
const browser = await puppeteer.launch({
  executablePath: '/usr/bin/chromium',
  userDataDir: profile,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  await scenarios[wanted](browser);
} finally {
  await browser.close();
  rmSync(profile, {recursive: true, force: true, maxRetries: 5});
}
