import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { OrchError } from '../../../proto/errors.ts';
import { exactJson, readDataJson } from '../../../proto/exact-json.ts';
import { settings } from '../../config/settings.ts';
import { others, requireOwn } from '../../ownership.ts';
import { hideSecretsIn } from '../../vault/secret-texts.ts';
import type { HostState } from './host-state.ts';

type Facts = Readonly<Record<string, unknown>>;

/** Set in a host's facts where `setup` has brought some of them. */
const gatheredMark = '_ansible_facts_gathered';

/**
 * Facts that runs leave for those behind them: a file for each host, as ansible-core 2.19's `jsonfile` writes it, which may be the
 * same folder's. What holds a secret is not written.
 */
export class FactCache {
  readonly #folder: string;
  readonly #prefix: string;
  /** 0: facts never get too old. */
  readonly #maxAgeMs: number;
  /** The facts of runs before are not to be seen again. */
  readonly #flushed: boolean;

  constructor(folder: string, { prefix = '', timeoutSeconds = 0, flushed = false } = {}) {
    this.#folder = folder;
    this.#prefix = prefix;
    this.#maxAgeMs = timeoutSeconds * 1000;
    this.#flushed = flushed;
  }

  /** What is known of a host from before. Throws OrchError 'unsafe-file' where others may write to what is read. */
  restore(state: HostState): void {
    if (this.#flushed) return;
    const { [gatheredMark]: gathered, ...facts } = this.#read(this.#file(state.name));
    state.restoreFacts(facts, gathered === true);
  }

  /** The same, by whole names. Throws as `restore`. */
  facts(host: string): Facts {
    const { [gatheredMark]: _, ...facts } = this.#flushed ? {} : this.#read(this.#file(host));
    return facts;
  }

  /** Names of all that is known of hosts from before. Throws as `restore`. */
  names(hosts: Iterable<string>): readonly string[] {
    return [...new Set([...hosts].flatMap((host) => Object.keys(this.#read(this.#file(host)))))];
  }

  #read(file: string): Facts {
    try {
      const found = statSync(file);
      requireOwn(file, found, others.writing);
      if (this.#maxAgeMs > 0 && Date.now() - found.mtimeMs > this.#maxAgeMs) return {};
      return readFacts(readFileSync(file, 'utf8'));
    } catch (error) {
      if (error instanceof OrchError) throw error;
      // Nobody left any, or another program did: they are gathered anew.
      return {};
    }
  }

  /** Writes what the run has learned of its hosts, and what it forgot. Throws OrchError 'unsafe-file' for the folder of others. */
  keep(states: Iterable<HostState>, inventory: Iterable<string>): void {
    if (this.#flushed) for (const host of inventory) rmSync(this.#file(host), { force: true });
    for (const state of states) {
      if (!state.learned) continue;
      const facts = Object.entries(state.allFacts()).filter(([, value]) => hideSecretsIn(value) === value);
      if (facts.length === 0) rmSync(this.#file(state.name), { force: true });
      else this.#write(this.#file(state.name), Object.fromEntries([...facts, [gatheredMark, state.isTold]]));
    }
  }

  #write(file: string, facts: Facts): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    requireOwn(this.#folder, statSync(this.#folder), others.writing);
    const fresh = `${file}.${process.pid}`;
    writeFileSync(fresh, JSON.stringify({ __payload__: exactJson(facts) }), { mode: 0o600 });
    renameSync(fresh, file);
  }

  #file(host: string): string {
    return join(this.#folder, `${this.#prefix}s1_${host.replaceAll('/', '%2F')}`);
  }
}

const written = z.object({ __payload__: z.string() });
const mapping = z.record(z.string(), z.unknown());

function readFacts(text: string): Facts {
  return mapping.parse(untagged(readDataJson(written.parse(JSON.parse(text)).__payload__)));
}

/** Values without the marks that Ansible puts at those of playbooks: their types and places. */
function untagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untagged);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  if ('__ansible_type' in value) return untagged('value' in value ? value.value : undefined);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, untagged(item)]));
}

/** The cache that the settings ask for; none without a folder for it, as in Ansible. */
export function factCache(flushed: boolean): FactCache | undefined {
  const { factCaching, factCachingConnection, factCachingPrefix: prefix, factCachingTimeout } = settings();
  if (factCaching !== 'jsonfile' || factCachingConnection === undefined) return undefined;
  return new FactCache(factCachingConnection, { prefix, timeoutSeconds: factCachingTimeout, flushed });
}
