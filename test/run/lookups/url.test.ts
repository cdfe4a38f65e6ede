import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { lookupsFor } from '../../../controller/run/lookups/lookups.ts';
import { workstation } from '../../../controller/run/task/workstation-files.ts';
import { compileExpression } from '../../../controller/template/compile.ts';

/** A process of its own: this one stands still while a template is rendered. */
const serving = `
const server = require('node:http').createServer(({ url, headers }, response) => {
  if (url === '/away') response.writeHead(302, { location: '/agent' }).end();
  else if (url === '/login') response.end(headers.authorization ?? 'nobody');
  else if (url === '/agent') response.end(headers['user-agent']);
  else response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;
let server: ChildProcess;
let base = '';

beforeAll(async () => {
  server = spawn(process.execPath, ['-e', serving], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (server.stdout && (await once(server.stdout, 'data'))) ?? [];
  base = `http://127.0.0.1:${String(port).trim()}`;
});

afterAll(() => {
  server.kill();
});

function looked(words: string, vars: Readonly<Record<string, unknown>> = {}): unknown {
  const lookups = lookupsFor(() => []);
  const scope = {
    has: (name: string) => Object.hasOwn(vars, name),
    get: (name: string) => vars[name],
    names: () => Object.keys(vars),
  };
  return compileExpression(`lookup('url', ${words})`).render({ scope, lookups: () => lookups, workstation });
}

test.each([
  ['it has the name of Ansible', "'/agent'", 'ansible-httpget'],
  ['it has the name that is said', "'/agent', http_agent='me'", 'me'],
  ['a redirect is followed', "'/away'", 'ansible-httpget'],
] as const)('%s', (_, words, result) => {
  expect(looked(words.replace("'/", `'${base}/`))).toBe(result);
});

test('a variable says what the lookup does not', () => {
  const vars = { ansible_lookup_url_agent: 'us', ansible_lookup_url_follow_redirects: 'none' };
  expect(looked(`'${base}/agent'`, vars)).toBe('us');
  expect(looked(`'${base}/agent', http_agent='me'`, vars)).toBe('me');
  expect(() => looked(`'${base}/away'`, vars)).toThrow('HTTP Error 302');
});

test('who asks is in the netrc file, unless the lookup says it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-netrc-'));
  vi.stubEnv('NETRC', join(folder, 'netrc'));
  expect(looked(`'${base}/login'`)).toBe('nobody');
  writeFileSync(join(folder, 'netrc'), 'machine 127.0.0.1 login a password b');
  expect(looked(`'${base}/login'`)).toBe(`Basic ${btoa('a:b')}`);
  expect(looked(`'${base}/login', username='c', password='d'`)).toBe(`Basic ${btoa('c:d')}`);
  expect(looked(`'${base}/login', use_netrc=false`)).toBe('nobody');
  expect(looked(`'${base}/login'`, { ansible_lookup_url_use_netrc: false })).toBe('nobody');
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test.each([
  ['an error of the server', "'/none'", '/none : HTTP Error 404: Not Found'],
  ['a redirect that is not to be followed', "'/away', follow_redirects='none'", '/away : HTTP Error 302: Found'],
] as const)('%s fails', (_, words, why) => {
  expect(() => looked(words.replace("'/", `'${base}/`))).toThrow(`Received HTTP error for ${base}${why}`);
});
