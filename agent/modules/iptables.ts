import type { Action } from '../linux/action.ts';
import type { Host } from '../linux/host.ts';
import { defineModule, type Step } from './module.ts';
import { iptablesFields, type IptablesParams as Params } from './shared/iptables/fields.ts';
import { type Program, ruleWords } from './shared/iptables/rule.ts';
import { requireNetns } from './shared/place.ts';
import { ask, execAction, taskFailed } from './shared/programs.ts';
import { shellWords } from './shared/shell-words.ts';

/** What one of the two programs knows of the chain, or of the whole table. */
interface Present {
  readonly program: Program;
  /** Whether there is such a chain. */
  readonly chain: boolean;
  readonly policy: string | undefined;
  /** Rules as the program lists them, to be added again: "-A INPUT ...", in words. */
  readonly rules: readonly (readonly string[])[];
  /** Whether the task's rule is there. */
  readonly rule: boolean;
}

function programsOf({ ip_version }: Params): readonly Program[] {
  if (ip_version === 'both') return ['iptables', 'ip6tables'];
  return [ip_version === 'ipv6' ? 'ip6tables' : 'iptables'];
}

/** A command on the task's table. */
function command(params: Params, program: Program, verb: string, ...words: readonly string[]): readonly string[] {
  const wait = params.wait === undefined ? [] : ['-w', String(params.wait)];
  const chain = params.chain === undefined ? [] : [params.chain];
  return [program, '-t', params.table, ...wait, verb, ...chain, ...words];
}

function run(params: Params, argv: readonly string[]): Action {
  return execAction(argv, { netns: params.netns, env: { LC_ALL: 'C' } });
}

async function readOne(params: Params, program: Program, host: Host): Promise<Present> {
  const { netns, chain } = params;
  const query = (argv: readonly string[]) => ask(host, argv, { netns });
  const words = ruleWords(params, program);
  const { status, stdout, stderr } = await query(command(params, program, '-S'));
  if (status !== 0 && chain === undefined) throw taskFailed(`${program} failed: ${stderr.trim()}`);
  const lines = stdout.split('\n');
  const [, policy] = /^-P \S+ (\S+)/m.exec(stdout) ?? [];
  const about = status === 0 && words.length > 0 && chain !== undefined && !params.flush && params.policy === undefined;
  const rule = about && (await query(command(params, program, '-C', ...words))).status === 0;
  const rules = lines.filter((line) => line.startsWith('-A ')).map((line) => shellWords(line) ?? []);
  return { program, chain: status === 0, policy, rules, rule };
}

function flushSteps(params: Params, { program, rules }: Present, object: string): readonly Step[] {
  if (rules.length === 0) return [];
  const undo = rules.map((words) => run(params, [program, '-t', params.table, ...words]));
  return [{ object, part: 'rules', action: run(params, command(params, program, '-F')), undo }];
}

function policySteps(params: Params, { program, policy }: Present, object: string): readonly Step[] {
  if (policy === undefined)
    throw taskFailed("Can't detect current policy", `${params.chain} must be one of the table's own chains.`);
  if (policy === params.policy) return [];
  const set = (to: string) => run(params, command(params, program, '-P', to));
  return [{ object, part: 'policy', action: set(params.policy ?? ''), undo: [set(policy)] }];
}

function chainSteps(params: Params, { program, chain }: Present, object: string): readonly Step[] {
  const wanted = params.state === 'present';
  if (chain === wanted || !params.chain_management) return [];
  const [make, remove] = ['-N', '-X'].map((verb) => run(params, command(params, program, verb)));
  if (make === undefined || remove === undefined) return [];
  return [wanted ? { object, action: make, undo: [remove] } : { object, action: remove, undo: [make], removes: true }];
}

function ruleSteps(params: Params, { program, rule }: Present, object: string): readonly Step[] {
  const wanted = params.state === 'present';
  if (rule === wanted) return [];
  const words = ruleWords(params, program);
  const place = params.rule_num === undefined ? [] : [String(params.rule_num)];
  const counters = params.set_counters === undefined ? [] : ['-c', ...params.set_counters.split(/[ ,]/)];
  const [verb, at] = params.action === 'insert' ? ['-I', place] : ['-A', []];
  const add = run(params, command(params, program, verb ?? '-A', ...(at ?? []), ...words, ...counters));
  const remove = run(params, command(params, program, '-D', ...words));
  const of = `${object} ${words.join(' ')}`;
  if (!wanted) return [{ object: of, action: remove, undo: [add], removes: true }];
  return [{ object: of, action: add, undo: [remove], needs: `${program} with what the rule matches by` }];
}

function objectOf({ netns, table, chain }: Params, program: Program): string {
  return [program, netns, table, chain].filter((part) => part !== undefined).join(' ');
}

function stepsFor(params: Params, present: Present): readonly Step[] {
  const object = objectOf(params, present.program);
  if (params.flush) return flushSteps(params, present, object);
  if (params.policy !== undefined) return policySteps(params, present, object);
  const isRule = ruleWords(params, present.program).length > 0;
  return isRule ? ruleSteps(params, present, object) : chainSteps(params, present, object);
}

/** What the task is about, for the diff. */
function view(params: Params, { program, policy, rules, rule, chain }: Present): unknown {
  if (params.flush) return rules.map((words) => words.join(' '));
  if (params.policy !== undefined) return { policy };
  const words = ruleWords(params, program);
  return words.length > 0 ? { [words.join(' ')]: rule } : { chain };
}

/** The same as it will be. */
function afterwards(params: Params, present: Present): Present {
  if (params.flush) return { ...present, rules: [] };
  if (params.policy !== undefined) return { ...present, policy: params.policy };
  const wanted = params.state === 'present';
  return { ...present, rule: wanted, chain: wanted };
}

export const module = defineModule({
  name: 'iptables',
  form: 'converge',
  summary: 'Keeps rules, chains and policies of iptables.',
  notes:
    'As ansible.builtin.iptables, in a namespace too. Changes nothing where `flush` finds no rule. What it makes is lost when the host is started anew. `orch destroy` puts a removed rule where a new one would go.',
  examples: [
    'iptables:\n  chain: INPUT\n  protocol: tcp\n  destination_port: 22\n  ctstate: [NEW]\n  jump: ACCEPT',
    'iptables:\n  table: nat\n  chain: POSTROUTING\n  source: 10.0.0.0/8\n  out_interface: eth0\n  jump: MASQUERADE\n  netns: ns01',
    'iptables:\n  chain: FORWARD\n  policy: DROP',
  ],
  params: iptablesFields.superRefine((params, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (params.chain === undefined && !params.flush) issue('chain', 'say the chain');
    if (params.flush && params.policy !== undefined) issue('policy', 'say flush or policy, not both');
    if (params.set_dscp_mark !== undefined && params.set_dscp_mark_class !== undefined)
      issue('set_dscp_mark_class', 'say set_dscp_mark or set_dscp_mark_class, not both');
    if (/^tee$/i.test(String(params.jump)) && params.gateway === undefined) issue('gateway', 'jump TEE needs it');
    if ((params.match_set === undefined) !== (params.match_set_flags === undefined))
      issue('match_set', 'say match_set and match_set_flags together');
    const logs = params.log_prefix !== undefined || params.log_level !== undefined;
    if (logs && params.jump !== undefined && params.jump !== 'LOG')
      issue('jump', 'Logging options can only be used with the LOG jump target.');
  }),
  needs: (params) => programsOf(params).map((which) => ({ what: 'program', which })),
  objects: (params) =>
    programsOf(params).flatMap((program) => {
      const object = objectOf(params, program);
      return [object, `${object} ${ruleWords(params, program).join(' ')}`];
    }),

  async read(params, host): Promise<readonly Present[]> {
    await requireNetns(host, params.netns);
    return Promise.all(programsOf(params).map((program) => readOne(params, program, host)));
  },

  plan(params, current) {
    const steps = current.flatMap((present) => stepsFor(params, present));
    const views = (all: readonly Present[]) =>
      Object.fromEntries(all.map((present) => [objectOf(params, present.program), view(params, present)]));
    const before = views(current);
    const after = steps.length === 0 ? before : views(current.map((present) => afterwards(params, present)));
    const { ip_version, table, chain, flush, state, chain_management } = params;
    const rule = ruleWords(params, programsOf(params)[0] ?? 'iptables').join(' ');
    const wait = params.wait === undefined ? null : String(params.wait);
    const result = { ip_version, table, chain, flush, rule, state, chain_management, wait };
    return { steps, before, after, result };
  },
});
