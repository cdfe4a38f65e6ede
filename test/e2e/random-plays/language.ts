import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';

/**
 * Playbooks of the language alone: blocks, loops, conditions, results, handlers, includes, roles, tags. What they ask for always
 * has a value, and a task that is done once does not fail: Ansible loses hosts then, without a word.
 */
export interface LanguagePlay {
  readonly keywords: Entry;
  readonly tasks: readonly Piece[];
  readonly handlers: readonly Entry[];
  readonly options: readonly string[];
}

type Entry = Readonly<Record<string, unknown>>;

/** A task, or a list of them in a block or in a file of its own. */
interface Piece {
  readonly kind: 'task' | 'block' | 'include_tasks' | 'import_tasks' | 'include_role' | 'import_role';
  readonly keywords: Entry;
  readonly inner: readonly Piece[];
  readonly rescue: readonly Piece[];
  readonly always: readonly Piece[];
}

const conditions = [
  ...[
    "inventory_hostname == 'h1'",
    'number > 3',
    "word == 'b'",
    'list | length > 1',
    'flag',
    'not flag',
    'number is odd',
  ],
  ...['result is changed', 'result is failed', 'result is skipped', 'result.rc | default(7) == 0', 'fact | int > 2'],
  ...["result.results | default([]) | length > 1 or 'h3' in ansible_play_hosts", 'ansible_check_mode'],
];
const condition = fc.oneof(
  fc.constantFrom(...conditions),
  fc
    .tuple(fc.constantFrom(...conditions), fc.constantFrom('and', 'or'), fc.constantFrom(...conditions))
    .map((three) => three.join(' ')),
  fc.array(fc.constantFrom(...conditions), { minLength: 1, maxLength: 2 }),
);
const text = fc.constantFrom(
  ...['plain', '{{ word }} of {{ inventory_hostname }}', '{{ number + 1 }}', '{{ list | join }}', '{{ fact }}'],
  ...[
    '{{ result is failed }} {{ result is skipped }}',
    '{{ result.msg | default("none") }}',
    '{{ item | default("one") }}',
  ],
  ...["{{ result.results | default([]) | map(attribute='item') | list }}", '{{ ansible_play_hosts | sort | join }}'],
  ...['{{ role_name | default("no role") }}', "{{ hostvars['h2'].word }}", '{{ groups.pair | length }}'],
);
const action: fc.Arbitrary<Entry> = fc.oneof(
  text.map((msg) => ({ debug: { msg } })),
  text.map((value) => ({ set_fact: { fact: value } })),
  fc.constantFrom('1', '{{ number }}', '{{ fact | int + 1 }}').map((value) => ({ set_fact: { fact: value } })),
  fc.constantFrom('true', 'false', 'echo {{ word }}', 'sh -c "exit 2"').map((cmd) => ({ command: cmd })),
  text.map((msg) => ({ fail: { msg } })),
  condition.map((that) => ({ assert: { that } })),
);
const maybe = <T>(share: number, value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 100 - share, arbitrary: fc.constant(undefined) }, { weight: share, arbitrary: value });
const shared = {
  when: maybe(30, condition),
  ignore_errors: maybe(15, fc.constantFrom(true, false, '{{ flag }}')),
  tags: maybe(12, fc.constantFrom('a', 'b', ['a', 'b'], 'never', 'always')),
  vars: maybe(10, fc.constantFrom({ word: 'own' }, { number: 9 })),
};
const loops = fc.oneof(
  fc.constantFrom<unknown>([1, 2, 3], ['x'], [], '{{ list }}', '{{ range(number) | list }}').map((loop) => ({ loop })),
  fc.constantFrom<Entry>(
    { with_items: ['{{ list }}', 'z'] },
    { with_items: [] },
    { with_dict: { k: 1, l: [2] } },
    { with_nested: [['a'], '{{ list }}'] },
    { with_indexed_items: '{{ list }}' },
    { with_sequence: 'count={{ number }}' },
    { with_together: [['a'], '{{ list }}'] },
    { loop: '{{ result.results | default([]) }}', loop_control: { label: '{{ item.item }}' } },
  ),
);
const task = fc
  .record({
    done: action,
    ...shared,
    register: maybe(35, fc.constant('result')),
    loop: maybe(22, loops),
    failed_when: maybe(8, fc.constantFrom(false, true, 'number == 3', 'item is defined')),
    changed_when: maybe(10, fc.constantFrom(false, true, 'number > 2')),
    notify: maybe(12, fc.constantFrom('first', 'second', 'topic', ['first', 'third'])),
    delegate_to: maybe(6, fc.constantFrom('h1', 'h3', 'localhost')),
  })
  .map(({ done, loop, ...keywords }) => ({ ...done, ...keywords, ...loop }));
const once = fc.record({ debug: text.map((msg) => ({ msg })), run_once: fc.constantFrom(true, '{{ number > 2 }}') });
const order = fc.oneof(
  fc.constant({ meta: 'flush_handlers' }),
  fc.constantFrom(...conditions).map((when) => ({ meta: 'end_host', when })),
);

const { piece } = fc.letrec<{ pieces: Piece[]; piece: Piece }>((tie) => ({
  pieces: fc.array(tie('piece'), { minLength: 1, maxLength: 4, size: 'max', depthIdentifier: 'pieces' }),
  piece: fc.oneof(
    { depthIdentifier: 'pieces', maxDepth: 3, withCrossShrink: true },
    {
      weight: 4,
      arbitrary: fc
        .oneof({ weight: 14, arbitrary: task }, { weight: 1, arbitrary: once }, { weight: 1, arbitrary: order })
        .map((keywords) => ({ kind: 'task' as const, keywords, inner: [], rescue: [], always: [] })),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'block',
          'block',
          'block',
          'include_tasks',
          'import_tasks',
          'include_role',
          'import_role',
        ),
        keywords: fc.record(shared),
        inner: tie('pieces'),
        rescue: fc.oneof(fc.constant([]), tie('pieces')),
        always: fc.oneof(fc.constant([]), fc.constant([]), tie('pieces')),
      }),
    },
  ),
}));

export const languagePlay: fc.Arbitrary<LanguagePlay> = fc.record({
  keywords: fc.record({
    hosts: fc.constantFrom('all', 'all', 'pair', 'all:!h2'),
    serial: maybe(12, fc.constantFrom(1, 2, '50%')),
    force_handlers: maybe(10, fc.constant(true)),
    vars: maybe(20, fc.constantFrom({ number: 5 }, { word: 'play' })),
  }),
  tasks: fc.array(piece, { minLength: 3, maxLength: 9, size: 'max' }),
  handlers: fc.tuple(text, text, text).map(([one, two, three]) => [
    { name: 'first', debug: { msg: one } },
    { name: 'second', listen: 'topic', command: 'echo handled', notify: 'third' },
    { name: 'third', listen: ['topic'], debug: { msg: `${two} ${three}` } },
  ]),
  options: fc.constantFrom<string[]>(
    [],
    [],
    [],
    ['--tags', 'a'],
    ['--skip-tags', 'b'],
    ['--check'],
    ['--limit', '!h3'],
  ),
});

const inventory = {
  all: {
    vars: {
      ansible_connection: 'local',
      number: 3,
      word: 'a',
      list: ['p', 'q'],
      flag: true,
      fact: 'unset',
      result: { changed: false },
    },
    hosts: { h1: {}, h2: { number: 2, word: 'b' }, h3: { list: [], flag: false } },
    children: { pair: { hosts: { h1: {}, h2: {} } } },
  },
};

/** What is left of variables, as the item of a loop: those are compared. */
const left = [
  "[fact, result is changed, result is failed, result is skipped, result.rc | default('none'), result.attempts | default(1)",
  "result.results | default([]) | map(attribute='item') | list, result.results | default([]) | select('skipped') | length]",
].join(', ');
const end: Entry = {
  hosts: 'all',
  gather_facts: false,
  tags: ['always'],
  tasks: [
    { meta: 'clear_host_errors' },
    { name: 'end', debug: { msg: 'end' }, tags: ['always'], loop: [`{{ ${left} | to_json }}`] },
  ],
};

/** Writes a playbook with the files that it includes, and its inventory; each task has a name of its own. */
export function writeLanguagePlay(folder: string, { keywords, tasks, handlers }: LanguagePlay): void {
  let count = 0;
  const write = (path: string, content: unknown) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(content, undefined, 1));
  };
  const written = ({ kind, keywords: own, inner, rescue, always }: Piece): Entry => {
    count += 1;
    const name = `t${count}`;
    if (kind === 'task') return { name, ...own };
    if (kind === 'block') {
      const more = { rescue: rescue.map(written), always: always.map(written) };
      return { name, ...own, block: inner.map(written), ...more };
    }
    const ofRole = kind.endsWith('_role');
    write(ofRole ? `roles/${name}/tasks/main.yml` : `${name}.yml`, inner.map(written));
    return { name, ...own, [kind]: ofRole ? { name } : `${name}.yml` };
  };
  write('hosts.yml', inventory);
  write('playbook.yml', [{ ...keywords, gather_facts: false, tasks: tasks.map(written), handlers }, end]);
}
