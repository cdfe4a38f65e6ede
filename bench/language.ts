// What the language costs the controller: conditions, templates and inventories, each in this process.
// Usage: tsx bench/language.ts [--json FILE]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadInventory } from '../controller/inventory/load-inventory.ts';
import { compileCondition, compileFile } from '../controller/template/compile.ts';
import type { Scope, Template } from '../controller/template/types.ts';
import { timing } from './measure.ts';

/** What is written with --json. */
export interface LanguageFigures {
  /** `a == b and c in d`, microseconds an evaluation. */
  readonly whenUs: number;
  /** A template of 200 lines, parsed before. */
  readonly templateMs: number;
  /** An inventory of 10,000 lines, read once by code that ran never before. */
  readonly inventoryMs: number;
}

const rounds = 9;
const conditionsARound = 100_000;
const templatesARound = 50;
const hosts = 5000;
const templateLines = 200;

const vars: Readonly<Record<string, unknown>> = {
  ...{ a: 'lab', b: 'lab', c: 'vm02', d: ['vm01', 'vm02', 'vm03'] },
  ...{ asn: 65001, name: 'vm02', address: '172.16.91.14/24', log: null },
  peers: Array.from({ length: 4 }, (_, index) => ({ address: `10.0.${index}.1`, asn: 65100 + index, passive: true })),
};
const scope: Scope = {
  has: (name) => Object.hasOwn(vars, name),
  get: (name) => vars[name],
  names: () => Object.keys(vars),
};

/** Of a router's configuration, as roles have them: 20 lines, seven of them once a peer. */
const partOfTemplate = `
! {{ name }}: managed by {{ a | upper }}
hostname {{ name }}
{% if log is not none %}
log file {{ log }}
{% endif %}
router bgp {{ asn }}
 bgp router-id {{ address.split('/')[0] }}
 no bgp ebgp-requires-policy
{% for peer in peers %}
 neighbor {{ peer.address }} remote-as {{ peer.asn }}
 neighbor {{ peer.address }} description {{ 'peer-%02d' | format(loop.index) }}
{% if peer.passive | default(false) %}
 neighbor {{ peer.address }} passive
{% endif %}
{% endfor %}
 address-family ipv4 unicast
  network {{ address | replace('/24', '/32') }}
  timers {{ 10 * 3 }} {{ peers | length }}
 exit-address-family
!`;

/** Milliseconds that one call takes, of calls in a row: the median of the rounds. */
function rowMs(calls: number, call: () => unknown): number {
  const samples: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const startedAt = performance.now();
    for (let count = 0; count < calls; count += 1) call();
    // The first round has code to compile.
    if (round >= 0) samples.push((performance.now() - startedAt) / calls);
  }
  return timing(samples).medianMs;
}

function inventoryMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'orch-language-'));
  const file = join(folder, 'inventory.yml');
  const lines = Array.from({ length: hosts }, (_, i) => `    h${i}:\n      ansible_host: 10.${i >> 8}.${i & 255}.1`);
  try {
    writeFileSync(file, `all:\n  hosts:\n${lines.join('\n')}\n`);
    const startedAt = performance.now();
    const { inventory } = loadInventory([file]);
    const ms = performance.now() - startedAt;
    if (inventory.hosts.size !== hosts) throw new Error(`${inventory.hosts.size} hosts were read`);
    return ms;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function expected(template: Template, means: (value: unknown) => boolean): Template {
  const value = template.render({ scope });
  if (!means(value)) throw new Error(`a template gave ${JSON.stringify(value)}`);
  return template;
}

const { values } = parseArgs({ options: { json: { type: 'string' } } });
const ofInventory = inventoryMs();
const condition = expected(compileCondition('a == b and c in d'), (value) => value === true);
const part = partOfTemplate.trim().split('\n');
const lines = Array.from({ length: templateLines }, (_, index) => part[index % part.length]);
const template = expected(
  compileFile(lines.join('\n')),
  (value) => typeof value === 'string' && value.includes('peer-04'),
);
const result: LanguageFigures = {
  whenUs: rowMs(conditionsARound, () => condition.render({ scope })) * 1000,
  templateMs: rowMs(templatesARound, () => template.render({ scope })),
  inventoryMs: ofInventory,
};
console.log(
  `a condition ${result.whenUs.toFixed(2)} µs, ${templateLines} lines of template ${result.templateMs.toFixed(2)} ms, ` +
    `${hosts} hosts of an inventory ${result.inventoryMs.toFixed(0)} ms`,
);
if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
