import { registry } from '../../agent/modules/registry.gen.ts';
import type { Attribute, Attributes } from '../../agent/modules/shared/link/attribute.ts';
import { commonAttributes } from '../../agent/modules/shared/link/common.ts';
import { knownKinds, type LinkKind, needsOf } from '../../agent/modules/shared/link/kind.ts';
import { parametersOf } from '../../controller/doc/parameters.ts';
import { cell } from './cell.ts';

const changeWords = {
  'in place': 'in place',
  'link down': 'in place, with the link down for a moment',
  replace: 'by a new link',
} as const;

function changeText({ change, except, withParent }: Attribute<unknown>): string {
  const exception = except === undefined ? [] : [`${except.text}: ${changeWords[except.change]}`];
  const apart = withParent ? [`with the parent in another namespace: ${changeWords.replace}`] : [];
  return [changeWords[change], ...exception, ...apart].join('; ');
}

/** The kernel, and the iproute2 where that came later. */
function sinceText({ since, ip }: Attribute<unknown>): string {
  return [since ?? [], ip === undefined ? [] : `iproute2 ${ip}`].flat().join(', ');
}

const head = ['| attribute | values | is changed | since Linux |', '|---|---|---|---|'];

function rows(attributes: Attributes, types: ReadonlyMap<string, string>): string[] {
  return Object.entries(attributes).map(([name, attribute]) =>
    ['', `\`${name}\``, cell(types.get(name) ?? ''), cell(changeText(attribute)), sinceText(attribute), '']
      .join(' | ')
      .trim(),
  );
}

/** What the schema of a module says of each parameter's values. */
function typesOf(module: string): ReadonlyMap<string, string> {
  const schema = registry.get(module)?.params;
  return new Map((schema === undefined ? [] : parametersOf(schema)).map(({ name, type }) => [name, type]));
}

const parentPlace = {
  ...{ any: 'any namespace', own: 'its own namespace' },
  ...{ shown: 'the namespace that carries its packets', hidden: 'the namespace that carries its packets' },
} as const;

function otherEnd({ relation, underlay }: LinkKind): string[] {
  const carried =
    underlay === undefined || underlay === 'own'
      ? []
      : ['Its packets can be carried by another namespace (`underlay_netns`); another one takes a new link.'];
  if (relation === undefined) return carried;
  const { role, need } = relation;
  const where = parentPlace[underlay ?? 'any'];
  return [`It has a ${role} (${need}), in ${where}; another one takes a new link.`, ...carried];
}

function commonExceptions({ without = {}, changes = {} }: LinkKind): string[] {
  return [
    ...Object.entries(without).map(([name, why]) => `No \`${name}\`: ${why}.`),
    ...Object.entries(changes).map(([name, change]) => `\`${name}\` is changed ${changeWords[change]}.`),
  ];
}

function chapter(kind: LinkKind): string[] {
  const own = Object.keys(kind.extra?.fields ?? {}).map((name) => `\`${name}\``);
  const beside =
    own.length === 0 ? [] : [`Beside attributes, changed in place by steps of their own: ${own.join(', ')}.`];
  const about = [`Needs ${needsOf(kind)}.`, ...otherEnd(kind), ...commonExceptions(kind), ...beside].join(' ');
  const table =
    Object.keys(kind.attributes).length === 0 ? [] : [...head, ...rows(kind.attributes, typesOf(kind.name)), ''];
  return [`## [${kind.name}](modules.md#${kind.name})`, '', about, '', ...table];
}

/** docs/links.md: kinds of links, their attributes, how those are changed and since which kernel there are. */
export function linksPage(): string {
  const intro = [
    '# Kinds of links',
    '',
    'Made by `npm run docs` from the modules of the kinds. A link whose attribute is changed "by a new link" is replaced,',
    'with a warning; `orch destroy` brings the old one back. Where no kernel is named, all since long before 5.0 have it;',
    'a host with an older one, or an older iproute2, is refused before anything of the run was changed there.',
    '',
    '## Every link',
    '',
    '`link` sets these on a link that exists, the modules of the kinds on theirs as well.',
    '',
  ];
  const common = [...head, ...rows(commonAttributes, typesOf('link')), ''];
  return `${[...intro, ...common, ...knownKinds().flatMap(chapter)].join('\n').trimEnd()}\n`;
}
