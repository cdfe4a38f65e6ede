import { dirname } from 'node:path';
import type { Located } from '../source/located.ts';
import { items, joinedText, placeOf } from '../source/origins.ts';
import type { Context } from './context.ts';
import { describe } from './describe.ts';
import { Fields, type Mapping } from './fields.ts';
import { keywords } from './keywords.ts';
import { parseBecome, parseConnection } from './parse-common.ts';
import { parseEntries, resolvePath } from './parse-entries.ts';
import { isTemplate } from './template-check.ts';
import type { Play, VarsFile } from './types.ts';
import { parseVarsText } from './vars-file.ts';

function parseHosts(mapping: Located<Mapping>, fields: Fields, context: Context): Located<string> {
  const patterns = fields.texts('hosts');
  const [first, ...more] = patterns;
  if (!first) {
    if (!fields.field('hosts')) {
      context.error(mapping, { summary: 'this play does not say on which hosts it runs', hint: 'add "hosts:"' });
    }
    return { ...mapping, value: '' };
  }
  return more.length === 0 ? first : joinedText([first, ...more], ',');
}

function parseSerial(fields: Fields, context: Context): Play['serial'] {
  const field = fields.field('serial');
  if (!field) return [];
  const list = Array.isArray(field.value) ? items({ ...field, value: field.value }) : [field];
  return list.flatMap((item): Play['serial'] => {
    const text = typeof item.value === 'object' ? '' : String(item.value).trim();
    const number = Number.parseInt(text, 10);
    if (number > 0 && /^\d+$/.test(text)) return [number];
    if (number > 0 && number <= 100 && /^\d+%$/.test(text)) return [`${number}%`];
    context.error(item, { summary: `"serial" must be a number of hosts or a percentage, not ${describe(item.value)}` });
    return [];
  });
}

/** `any_errors_fatal` promises that no host goes on past another one's failure: only in step can that be kept. */
function parseStrategy(fields: Fields, context: Context): Play['strategy'] {
  const field = fields.field('strategy');
  if (!field) return fields.boolean('any_errors_fatal') ? 'linear' : 'free';
  if (field.value === 'free' || field.value === 'linear') return field.value;
  context.error(field, { summary: `"strategy" must be free or linear, not ${describe(field.value)}` });
  return 'free';
}

/** Reads every vars file whose name is known already, so that a missing one is found before any host is contacted. */
function parseVarsFile(named: Located<string>, context: Context): VarsFile {
  const base = dirname(context.chain.at(-1) ?? '.');
  if (isTemplate(named.value)) return { ...named, base, vars: undefined };
  const file = resolvePath(named.value, context);
  const text = context.read(file, named);
  if (text === undefined) return { ...named, base, vars: undefined };
  const { vars, errors } = parseVarsText(text, file);
  context.errors.push(...errors);
  return { ...named, base, vars };
}

export interface ParsedPlay {
  readonly play: Play;
  readonly lab: Located<string> | undefined;
}

export function parsePlay(mapping: Located<Mapping>, context: Context): ParsedPlay {
  const fields = new Fields(mapping, context);
  fields.refuseOthers(keywords.play, 'a play');
  const play: Play = {
    name: fields.text('name')?.value,
    at: placeOf(mapping),
    hosts: parseHosts(mapping, fields, context),
    vars: fields.vars(),
    varsFiles: fields.texts('vars_files').map((named) => parseVarsFile(named, context)),
    gatherFacts: fields.boolean('gather_facts'),
    serial: parseSerial(fields, context),
    strategy: parseStrategy(fields, context),
    become: parseBecome(fields),
    connection: parseConnection(fields, context),
    remoteUser: fields.text('remote_user'),
    port: fields.number('port'),
    environment: fields.value('environment'),
    anyErrorsFatal: fields.boolean('any_errors_fatal') ?? false,
    persist: fields.boolean('persist') ?? false,
    tags: fields.words('tags'),
    entries: parseEntries(fields.list('tasks'), context),
    handlers: parseEntries(fields.list('handlers'), context),
  };
  return { play, lab: fields.text('lab') };
}
