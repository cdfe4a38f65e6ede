import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

// Lists of types are what an editor takes; formats are told to people.
const isPlaybook = new Ajv({ strict: false, validateFormats: false }).compile(
  JSON.parse(read('docs/playbook.schema.json')) as object,
);

/** As editors read it: what only orch knows, secrets for instance, is a text. */
const playbook = (text: string): unknown =>
  parse(text, { customTags: ['!vault', '!unsafe'].map((tag) => ({ tag, resolve: (value: string) => value })) });

const shipped = ['playbooks', 'test/e2e/plays', 'test/e2e/links', 'test/e2e/system']
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${String(name)}`))
  .filter((file) => file.endsWith('.yml') && /^(?:- hosts|- name: .*\n {2}hosts):/m.test(read(file)))
  .sort();

test.each(shipped)('an editor has nothing to say of %s', (file) => {
  isPlaybook(playbook(read(file)));
  expect(isPlaybook.errors ?? []).toEqual([]);
});

const tasks = (text: string) => `- hosts: all\n  tasks:\n    - ${text}\n`;

test.each([
  'include_tasks: more.yml',
  'ansible.builtin.import_role: { name: web, tasks_from: other }',
  'ansible.posix.sysctl: { name: net.ipv4.ip_forward, value: 1 }',
  'community.general.timezone: { name: Europe/Prague }',
  'lab.net.probe: { anything: goes }',
  'systemd_service: { name: cron, enabled: yes, state: started }',
  'command: { argv: [ip, -6, address] }',
  'apt: { name: cron, update_cache: "yes", cache_valid_time: "3600" }',
  'impair: { dev: eth0, delay: "{{ ms }}ms" }',
  '{ command: uptime, args: "{{ more }}", become: "no", when: , tags: late }',
  '{ debug: { var: item }, with_our.own.lookup: [1] }',
])('nor of %s', (text) => {
  isPlaybook(playbook(tasks(text)));
  expect(isPlaybook.errors ?? []).toEqual([]);
});

test.each([
  'cpoy: { dest: /tmp/a }',
  'ansible.builtin.cpoy: { dest: /tmp/a }',
  'community.general.timezone: { nome: Europe/Prague }',
  'ipvlan: { name: ipvlan1, mode: l4, parent: eth0 }',
  'apt: { name: cron, cache_valid_time: soon }',
  'include_tasks: { fiel: more.yml }',
  '{ command: uptime, becom: true }',
  '{ command: uptime, become: perhaps }',
])('it marks %s', (text) => {
  expect(isPlaybook(playbook(tasks(text)))).toBe(false);
});
