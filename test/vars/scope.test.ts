import { describe, expect, test } from 'vitest';
import type { Inventory } from '../../controller/inventory/types.ts';
import { fixedOrigin } from '../../controller/source/origins.ts';
import { dataLayer, sourceLayer, varsLayer } from '../../controller/vars/layer.ts';
import { magicLayer } from '../../controller/vars/magic.ts';
import { evaluateExpression, renderFile, renderLocated } from '../../controller/vars/render.ts';
import { createScope, variableOf } from '../../controller/vars/scope.ts';
import type { VarScope } from '../../controller/vars/types.ts';
import { OrchError } from '../../proto/errors.ts';

const origin = fixedOrigin({ file: 'test.yml', line: 1, column: 1 });
const at = <T>(value: T) => ({ value, origin, path: [] });

class Pending extends Error {}

describe('a value that is on its way', () => {
  test('passes through templates that use it, and is asked for again', () => {
    let known = false;
    const registered = sourceLayer({
      has: (name) => name === 'result',
      get: () => {
        if (!known) throw new Pending();
        return { rc: 0 };
      },
      names: () => ['result'],
    });
    const vars = varsLayer(new Map([['code', at('{{ result.rc | default(5) }}')]]));
    const scope = createScope([vars, registered]);
    for (const text of [
      '{{ code }}',
      '{{ code is defined }}',
      '{% for i in [1] %}{{ [code] | map("string") }}{% endfor %}',
    ]) {
      expect(() => renderLocated(at(text), scope)).toThrow(Pending);
    }
    known = true;
    expect(renderLocated(at('{{ code }}'), scope)).toBe(0);
  });

  test('may already be thrown by the question whether it exists', () => {
    const has = () => {
      throw new Pending();
    };
    const scope = createScope([sourceLayer({ has, get: () => null, names: () => [] })]);
    expect(() => evaluateExpression(at('x is defined'), scope)).toThrow(Pending);
  });
});

test('a variable is rendered once in a scope, and again where a name it uses is another', () => {
  let calls = 0;
  const lookups = {
    count: () => {
      calls++;
      return [`call ${calls}`];
    },
  };
  const vars = new Map([['a', at("{{ lookup('count') }} {{ item | default('none') }}")]]);
  const scope = createScope([varsLayer(vars)], { lookups: () => lookups });
  expect(renderLocated(at('{{ a }}, {{ a }}'), scope)).toBe('call 1 none, call 1 none');
  expect(renderLocated(at('{{ a }}'), scope.with({ item: 'x' }))).toBe('call 2 x');
});

describe('magic variables', () => {
  const host = (name: string, groups: string[]) =>
    [
      name,
      {
        name,
        file: '/labs/hosts.yml',
        groups,
        vars: new Map([['address', at(`10.0.0.${name.at(-1)}`)]]),
        ownVars: new Map(),
        said: () => [],
      },
    ] as const;
  const inventory: Inventory = {
    source: 'inventory.yml',
    sources: ['/labs/inventory.yml'],
    hosts: new Map([host('vm1', ['lab', 'web']), host('vm2', ['lab']), host('vm3', [])]),
    groups: new Map([
      ['lab', { name: 'lab', children: [], own: [], vars: new Map(), hosts: ['vm1', 'vm2'] }],
      ['web', { name: 'web', children: [], own: [], vars: new Map(), hosts: ['vm1'] }],
      ['all', { name: 'all', children: [], own: [], vars: new Map(), hosts: ['vm1', 'vm2', 'vm3'] }],
      ['ungrouped', { name: 'ungrouped', children: [], own: [], vars: new Map(), hosts: ['vm3'] }],
    ]),
    localhost: () => host('localhost', [])[1],
  };
  const scopes: string[] = [];
  const hostScope = (name: string) => {
    scopes.push(name);
    return createScope([varsLayer(inventory.hosts.get(name)?.vars ?? new Map())]);
  };
  const magic = magicLayer({
    ...{
      host: 'vm1',
      inventory,
      hostScope,
      playHosts: () => ['vm2'],
      playHostsAll: ['vm1', 'vm2'],
      playBatch: () => ['vm2'],
    },
    commandLine: { check: true, diff: false, tags: ['net'], skipTags: [], limit: undefined, verbosity: 1 },
    playbookDir: '/labs',
  });
  const scope = createScope([magic]);

  test.each([
    ['inventory_hostname', 'vm1'],
    ['group_names', ['lab', 'web']],
    ['groups.lab', ['vm1', 'vm2']],
    ['groups.all | length', 3],
    ['groups.ungrouped', ['vm3']],
    ['ansible_play_hosts ~ ansible_play_hosts_all', "['vm2']['vm1', 'vm2']"],
    ['play_hosts', ['vm2']],
    ['ansible_run_tags ~ ansible_skip_tags ~ ansible_verbosity', "['net']()1"],
    ['ansible_limit is defined', false],
    ['inventory_dir ~ inventory_file', '/labs/labs/hosts.yml'],
    ['ansible_check_mode and not ansible_diff_mode', true],
    ["hostvars['vm2'].address", '10.0.0.2'],
    ["groups['lab'] | map('extract', hostvars, 'address') | list", ['10.0.0.1', '10.0.0.2']],
    ["'vm9' in hostvars or hostvars.vm9 is defined", false],
  ])('%s', (expression, value) => {
    expect(evaluateExpression(at(expression), scope)).toEqual(value);
  });

  test("another host's variables are not touched before they are asked for", () => {
    scopes.length = 0;
    expect(evaluateExpression(at("'vm2' in hostvars and hostvars | length == 3"), scope)).toBe(true);
    expect(scopes).toEqual([]);
  });
});

test('variables of two hosts that need each other end in an error', () => {
  const inventory: Inventory = {
    source: 'inventory.yml',
    sources: ['/labs/inventory.yml'],
    hosts: new Map(
      [
        ['vm1', 'vm2'],
        ['vm2', 'vm1'],
      ].map(([name = '', other = '']) => {
        const vars = new Map([['a', at(`{{ hostvars.${other}.a }}`)]]);
        return [name, { name, groups: [], vars, ownVars: vars, said: () => [] }];
      }),
    ),
    groups: new Map(),
    localhost: () => ({ name: 'localhost', groups: [], vars: new Map(), ownVars: new Map(), said: () => [] }),
  };
  const scopeOf = (host: string): VarScope => {
    const nobody = {
      playHosts: () => [],
      playHostsAll: [],
      playBatch: () => [],
      commandLine: { check: false, diff: false, tags: [], skipTags: [], limit: undefined, verbosity: 0 },
      playbookDir: '/',
    };
    const magic = magicLayer({ host, inventory, hostScope: scopeOf, ...nobody });
    return createScope([varsLayer(inventory.hosts.get(host)?.vars ?? new Map()), magic]);
  };
  expect(() => variableOf(scopeOf('vm1'), 'a')).toThrow(OrchError);
});

test('a template file: escapes are read, and errors carry its place', () => {
  const scope = createScope([dataLayer({ names: ['a', 'b'] })]);
  expect(renderFile({ text: "{{ names | join('\\n') }}\n", file: 'x.j2' }, scope)).toBe('a\nb\n');
  expect(() => renderFile({ text: 'one\n  {{ nams }}\n', file: 'x.j2' }, scope)).toThrow(
    expect.objectContaining({
      code: 'undefined-variable',
      hint: "did you mean 'names'?",
      where: { file: 'x.j2', line: 2, column: 6, excerpt: '  {{ nams }}' },
    }),
  );
});

test('mappings of several places are merged where the settings ask for it, as far up as all are mappings', () => {
  const layers = [{ d: 1 }, { d: { a: 1, n: { x: [1] } } }, { e: 1 }, { d: { b: 2, n: { x: [2], y: 3 } } }].map(
    dataLayer,
  );
  const merged = { a: 1, b: 2, n: { x: [2], y: 3 } };
  expect(variableOf(createScope(layers, { mergeMappings: true }), 'd')).toEqual(merged);
  expect(variableOf(createScope(layers), 'd')).toEqual({ b: 2, n: { x: [2], y: 3 } });
  expect(variableOf(createScope([...layers, dataLayer({ d: 7 })], { mergeMappings: true }), 'd')).toBe(7);
});
