import { afterEach, expect, test, vi } from 'vitest';
import { type AdHoc, adHocInput, leftToHosts } from '../../controller/commands/ad-hoc.ts';
import { callbackOf } from '../../controller/commands/do.ts';
import { configLine } from '../../controller/commands/printers.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

const chosen = (pattern: string, limit?: string, input = adHocInput) => {
  const command = { inventories: ['web1,web2,'], extraVars: [], limit };
  const adHoc = { pattern, module: 'ping', args: '', keywords: {} };
  return input(command, import.meta.dirname, adHoc).plays.flatMap(({ hosts }) => hosts);
};

test('names that no inventory has are passed over', () => {
  expect(chosen('web1,web3')).toEqual(['web1']);
  expect(chosen('wbe1')).toEqual([]);
  expect(chosen('all', 'web2,web3')).toEqual(['web2']);
  expect(() => chosen('~web[')).toThrow('is no regular expression');
});

test('who asks for the workstation alone hears of no other hosts', () => {
  const warnings = (pattern: string) => {
    const adHoc = { pattern, module: 'ping', args: '', keywords: {} };
    return adHocInput({ inventories: [], extraVars: [], limit: undefined }, import.meta.dirname, adHoc).warnings;
  };
  const none = 'No inventory was parsed, only implicit localhost is available';
  expect(warnings('127.0.0.1')).toEqual([none]);
  expect(warnings('all')).toEqual([none, expect.stringMatching('^provided hosts list is empty')]);
});

test('arguments are JSON between braces, and else a text, which may begin with a template', () => {
  const args = (text: string) => {
    const adHoc = { pattern: 'all', module: 'command', args: text, keywords: {} };
    const input = adHocInput({ inventories: ['h1,'], extraVars: ['cmd=uname'], limit: undefined }, '.', adHoc);
    return input.plays.length;
  };
  for (const text of ['{{ cmd }} -n', '{{ cmd }}', '{"cmd": "uname"}']) expect(args(text)).toBe(1);
  expect(() => args('{"cmd" uname}')).toThrow('starts as JSON and is none');
});

test('unless the settings make them errors', async () => {
  vi.stubEnv('ANSIBLE_HOST_PATTERN_MISMATCH', 'error');
  vi.resetModules();
  const { adHocInput: strict } = await import('../../controller/commands/ad-hoc.ts');
  expect(() => chosen('web1,web3', undefined, strict)).toThrow('no host or group "web3"');
});

test('what is wrong with the task is left to its hosts, or refused', () => {
  const command = { inventories: ['web1,'], extraVars: [], limit: undefined };
  const read = (module: string, args: string, keywords: AdHoc['keywords'] = leftToHosts) =>
    adHocInput(command, import.meta.dirname, { pattern: 'all', module, args, keywords }).plays.length;
  expect(read('ping', 'bogus=1')).toBe(1);
  expect(read('debug', 'msg={{ nobody_says_it }}')).toBe(1);
  expect(() => read('pong', '')).toThrow("couldn't resolve module/action 'pong'");
  expect(() => read('ping', 'bogus=1', {})).toThrow('bogus');
});

test('a callback prints the results where the settings let it', () => {
  const printed = (loadCallbacks: boolean, stdoutCallback: string, oneLine = false) =>
    callbackOf({ loadCallbacks, stdoutCallback }, oneLine);
  expect(printed(false, 'json')).toBe('minimal');
  expect(printed(true, 'json')).toBe('json');
  expect(printed(true, 'default')).toBe('minimal');
  expect(printed(true, 'json', true)).toBe('oneline');
});

test('-v tells the file of settings', () => {
  expect(configLine('/w/ansible.cfg')).toBe('Using /w/ansible.cfg as config file\n');
  expect(configLine(undefined)).toBe('No config file found; using defaults\n');
});
