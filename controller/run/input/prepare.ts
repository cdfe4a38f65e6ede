import { dirname, resolve } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { settings } from '../../config/settings.ts';
import type { Target } from '../../connect/types.ts';
import { canonicalName } from '../../playbook/catalog/catalog.ts';
import type { Play } from '../../playbook/types.ts';
import type { RunEvent } from '../../report/types.ts';
import type { Located } from '../../source/located.ts';
import { placeOf } from '../../source/origins.ts';
import type { CommandLine } from '../../vars/magic.ts';
import type { SaidOfConnections } from '../hosts/connection-vars.ts';
import { type FactCache, factCache } from '../hosts/fact-cache.ts';
import { HostStates } from '../hosts/host-states.ts';
import {
  connectionUsers,
  type HostVariable,
  type ReachDefaults,
  type ReachOptions,
  saidOfHosts,
  targets,
} from '../hosts/targets.ts';
import { lookupOf, lookupsFor, neverAsked, readOnlyLookups } from '../lookups/lookups.ts';
import type { RunDeps } from '../run-playbook.ts';
import type { RunContext } from '../state.ts';
import { createScopes } from '../task/scopes.ts';
import type { Steps } from '../walk/steps.ts';
import type { SelectedInput } from './input.ts';
import { type HostNeed, knownNeeds } from './needs.ts';
import { includes, sources } from './task-files.ts';

/** Of the command line, what running and reaching hosts depends on. */
export interface PrepareOptions extends CommandLine {
  readonly forceHandlers: boolean;
  readonly mostAtOnce?: number | undefined;
  readonly steps?: Steps | undefined;
  /** Facts that earlier runs left are not to be used. */
  readonly flushCache?: boolean;
  /** What runs before it have learned of hosts. */
  readonly states?: HostStates | undefined;
  readonly reach: ReachOptions;
}

/** All that a run needs and that is known before any host is contacted. */
export interface PreparedRun {
  readonly input: SelectedInput;
  readonly target: (host: string) => Target;
  /** What the plays are known to need of a host. */
  readonly needs: (host: string) => readonly HostNeed[];
  readonly deps: (emit: (event: RunEvent) => void) => Omit<RunDeps, 'open' | 'emit' | 'interrupt'>;
}

interface ScopeOptions extends CommandLine {
  readonly reach: SaidOfConnections;
  /** Lookups that do more than read are not asked. */
  readonly onlyReads?: boolean;
}

function scopesOf(
  { live, playbook, extraVars, varsFiles }: SelectedInput,
  options: ScopeOptions,
  emit: (event: RunEvent) => void,
) {
  const warn = (message: string, at: Located): void => {
    const { file, line, column } = placeOf(at);
    emit({ type: 'warning', message: `${file}:${line}:${column}: ${message}` });
  };
  return createScopes({
    inventory: live,
    playbook: playbook.file,
    extraVars,
    commandLine: options,
    connections: options.reach,
    lookups: options.onlyReads ? readOnlyLookups : lookupsFor,
    lookupOf: options.onlyReads ? () => neverAsked : lookupOf,
    varsFiles: (play, render) => varsFiles.of(play, render, warn),
    warn,
  });
}

/** Variables as tasks see them before the run has learned anything of a host. */
export function scopeBefore(input: SelectedInput, options: ScopeOptions, factCache?: FactCache): RunContext['scope'] {
  return scopesOf(input, options, () => {})(new HostStates(factCache).of);
}

/** Works out how hosts are reached and variables are seen. `errors` gets connection variables that can't be. */
export function prepareRun(input: SelectedInput, options: PrepareOptions, errors: OrchError[]): PreparedRun {
  const { live, chooseHosts, playbook } = input;
  const scopes = (emit: (event: RunEvent) => void) => scopesOf(input, options, emit);
  const facts = factCache(options.flushCache === true);
  const before = scopeBefore(input, options, facts);
  const said = saidOfHosts(input.plays, chooseHosts);
  const scopeIn = (play: Play | undefined, host: string) =>
    before(play && { play, name: '', hosts: [], batch: [] }, { host, vars: [], params: [], locals: {} });
  const variableIn = (play: Play | undefined, host: string, name: string): unknown =>
    scopeIn(play?.vars.has(name) ? play : undefined, host).variable(name);
  // A host is reached in the way of its first play, but whether by the workstation itself each task says.
  const variable: HostVariable = (host, name) =>
    variableIn(name === 'ansible_connection' ? undefined : said(host).play, host, name);
  const target = targets(variable, reachDefaults(options.reach), said, (host, keyword) =>
    scopeIn(said(host).play, host).render(keyword),
  );
  for (const host of new Set(input.plays.flatMap(({ hosts }) => hosts))) {
    try {
      target(host);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      errors.push(error);
    }
  }

  return {
    input,
    target,
    needs: (host) => knownNeeds(input.plays, host, before),
    deps: (emit) => ({
      options: {
        check: options.check,
        diff: options.diff,
        become: options.reach.become,
        becomeUser: options.reach.becomeUser ?? 'root',
        forceHandlers: options.forceHandlers,
        verbosity: options.verbosity,
        tellsArgs: settings().displayArgs,
        mostAtOnce: options.mostAtOnce,
      },
      connectionUser: connectionUsers(target, variable),
      isLocal: (host, around) => {
        const ofHost = around?.variable ?? variableIn(undefined, host, 'ansible_connection');
        const way = ofHost ?? around?.keyword ?? options.reach.connection;
        return canonicalName(String(way ?? '')) === 'local';
      },
      steps: options.steps,
      states: options.states,
      factCache: facts,
      inventory: live,
      chooseHosts,
      playbookDir: resolve(dirname(playbook.file)),
      ...includes({ only: options.tags, skip: options.skipTags }, input.extraVars),
      ...sources(resolve(dirname(playbook.file))),
      scopes: scopes(emit),
    }),
  };
}

function reachDefaults(reach: ReachOptions): ReachDefaults {
  return { ...reach, timeoutMs: Math.round(reach.timeoutSeconds * 1000) };
}
