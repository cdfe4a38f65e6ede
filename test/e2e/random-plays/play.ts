import fc from 'fast-check';

/** A task as a playbook has it. */
type Task = Readonly<Record<string, unknown>>;

/** Choices without a meaning of their own, so that smaller ones always give a play too. */
const choice = fc.nat(59);
const raw = fc.record({ kind: choice, on: choice, to: choice, variant: choice, mode: choice, guard: choice });
type Raw = typeof raw extends fc.Arbitrary<infer T> ? T : never;

const root = '/srv/random';
const paths = ['a', 'b', 'a/x', 'a/y', 'b/x', 'a/x/z', 'c'].map((name) => `${root}/${name}`);
const modes = ['0644', '0600', '0755', 'u=rwx,go=', 'g+w'];
const texts = ['one\n', 'one\ntwo\n', '', '[s]\no = 1\n'];
const accounts = ['rnd1', 'rnd2'];
const spaces = ['rnd1', 'rnd2'];
const links = ['rl0', 'rl1'];

function pick<T>(all: readonly T[], at: number): T {
  return all[at % all.length] as T;
}

/** What tasks can be about; each kind makes, changes or removes something that others may build on. */
const kinds: readonly ((raw: Raw, at: number) => Task)[] = [
  ({ on, mode }) => ({ file: { path: pick(paths, on), state: 'directory', mode: pick(['0755', '0700'], mode) } }),
  ({ on }) => ({ file: { path: pick(paths, on), state: 'directory' } }),
  ({ on, to, variant }) => ({
    copy: { dest: pick(paths, on), content: pick(texts, to), ...(variant % 3 === 0 ? { force: false } : {}) },
  }),
  ({ on, to, mode, variant }) => ({
    copy: { dest: pick(paths, on), content: pick(texts, to), mode: pick(modes, mode), backup: variant % 2 === 0 },
  }),
  ({ on, to, variant }) => ({
    copy: { src: pick(paths, to), dest: pick(paths, on), remote_src: true, force: variant % 4 > 0 },
  }),
  ({ on, mode }) => ({ file: { path: pick(paths, on), mode: pick(modes, mode) } }),
  ({ on }) => ({ file: { path: pick(paths, on), state: 'absent' } }),
  ({ on, to, variant }) => ({
    file: { path: pick(paths, on), src: pick(paths, to), state: 'link', force: variant % 2 === 0 },
  }),
  ({ on, to }) => ({ file: { path: pick(paths, on), src: pick(paths, to), state: 'hard' } }),
  ({ on, mode, variant }) => ({
    file: { path: pick(paths, on), state: 'directory', recurse: true, mode: pick(['u+x', 'go-w'], mode + variant) },
  }),
  ({ on, to, variant }) => ({
    lineinfile: {
      ...{ path: pick(paths, on), line: pick(['one', 'three = 3'], to), create: variant % 2 === 0 },
      ...(variant % 3 === 0 ? { regexp: '^t' } : {}),
      ...(variant % 5 === 0 ? { insertbefore: 'BOF' } : {}),
    },
  }),
  ({ on }) => ({ lineinfile: { path: pick(paths, on), regexp: '^one', state: 'absent' } }),
  ({ on, to, variant }) => ({
    blockinfile: {
      ...{ path: pick(paths, on), block: pick(texts, to), create: variant % 2 === 0 },
      state: pick(['present', 'present', 'absent'], variant),
    },
  }),
  ({ on, variant }) => ({ replace: { path: pick(paths, on), regexp: pick(['two', '^o'], variant), replace: 'x' } }),
  ({ on, to, variant }) => ({
    ini_file: { path: pick(paths, on), section: pick(['s', 't'], to), option: 'o', value: String(variant % 3) },
  }),
  ({ on, to }) => ({ assemble: { src: pick(paths, on), dest: pick(paths, to) } }),
  ({ on, variant }) => ({
    cron: {
      ...{ name: pick(['one', 'two'], variant), cron_file: 'random', user: 'root', job: `run ${on % 2}` },
      state: pick(['present', 'present', 'absent'], on),
    },
  }),
  ({ on, to }) => ({
    known_hosts: {
      path: pick(paths, to),
      name: 'git.lab',
      key: 'git.lab ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEoI1+l7n5GSbOn6oWk3p3cWp1kGzcoK2wXy2pW0cCQ1',
      state: pick(['present', 'absent'], on),
    },
  }),
  ({ on }) => ({ group: { name: pick(accounts, on) } }),
  ({ on }) => ({ user: { name: pick(accounts, on), create_home: false } }),
  ({ on, to }) => ({ file: { path: pick(paths, on), owner: pick(accounts, to) } }),
  ({ on, to, variant }) => ({
    copy: { dest: pick(paths, on), content: 'mine\n', group: pick(accounts, to), owner: pick(accounts, variant) },
  }),
  ({ on, variant }) => ({ netns: { name: pick(spaces, on), state: pick(['present', 'present', 'absent'], variant) } }),
  ({ on, to, variant }) => ({
    bridge: { name: pick(links, to), netns: pick(spaces, on), state: pick(['up', 'up', 'absent'], variant) },
  }),
  ({ on, to, variant, mode }) => ({
    veth: {
      ...{ name: pick(links, to), netns: pick(spaces, on), state: pick(['up', 'up', 'absent'], variant + mode) },
      ...{ peer: pick([...links, 'rp0'], variant), peer_netns: pick(spaces, mode) },
    },
  }),
  ({ on, to, variant }) => ({
    address: { dev: pick(links, to), netns: pick(spaces, on), address: `10.9.${variant % 3}.1/24` },
  }),
  ({ on, variant }) => ({
    sysctl: { name: 'net.ipv4.ip_forward', value: String(variant % 2), netns: pick(spaces, on) },
  }),
  ({ on }) => ({ stat: { path: pick(paths, on) } }),
  ({ on }, at) => ({ set_fact: { [`fact${at}`]: on } }),
];

/** A condition on what an earlier task came to, as people write them. */
function guardOf({ guard, on }: Raw, at: number): Task {
  if (at === 0 || guard % 4 > 1) return {};
  const other = `r${on % at}`;
  const said = pick([`${other} is changed`, `${other} is not failed`, `${other}.stat.exists | default(true)`], guard);
  return { when: said };
}

function taskOf(one: Raw, at: number): Task {
  const made = pick(kinds, one.kind)(one, at);
  const notify = one.variant % 7 === 0 ? { notify: 'handler' } : {};
  return { name: `t${at}`, ...made, ...guardOf(one, at), ...notify, register: `r${at}`, ignore_errors: true };
}

/** Some tasks in a block whose failure is rescued. */
function blocked(tasks: readonly Task[], at: number): Task[] {
  if (at % 3 > 0 || tasks.length < 4) return [...tasks];
  const inside = tasks.slice(1, 3).map(({ ignore_errors: _, ...task }) => task);
  const rescue = [{ name: 'rescued', copy: { dest: `${root}/rescued`, content: 'x' } }];
  return [tasks[0] ?? {}, { block: inside, rescue }, ...tasks.slice(3)];
}

/** A play for a fresh host: each task may need what those before it make. */
export const randomPlay = fc
  .record({ tasks: fc.array(raw, { minLength: 4, maxLength: 14 }), shape: choice })
  .map(({ tasks, shape }) => [
    {
      ...{ name: 'random', hosts: 'vm02', gather_facts: false },
      tasks: [{ name: 'root', file: { path: root, state: 'directory' } }, ...blocked(tasks.map(taskOf), shape)],
      handlers: [{ name: 'handler', copy: { dest: `${root}/handled`, content: 'x' } }],
    },
  ]);
