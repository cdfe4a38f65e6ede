import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { asInteger, asList, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { mapEntries } from '../python/mapping.ts';
import { isMapping, Undefined } from '../python/values.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};
const escapeText = (text: string): string => text.replace(/[&<>'"]/g, (character) => entities[character] ?? '');
const escapeHtml = plugin('', (value) => escapeText(printed(value)));

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0x10ffff ? whole : String.fromCodePoint(code);
    },
  );
}

/** Text without comments and tags, its blanks made single. */
const stripTags = (text: string): string =>
  decodeEntities(
    text
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/<[^>]*>/g, '')
      .split(/\s+/)
      .filter(Boolean)
      .join(' '),
  );

/** ` name="value"` for each entry that is neither None nor undefined. */
function attributes(value: unknown, space: boolean): string {
  if (!isMapping(value)) throw new Fault("filter 'xmlattr' needs a dict");
  const parts = mapEntries(value)
    .filter(([, item]) => item !== null && !(item instanceof Undefined))
    .map(([key, item]) => {
      const name = printed(key);
      if (/[\s/>=]/.test(name)) throw new Fault(`'${name}' cannot be the name of an attribute`);
      return `${escapeText(name)}="${escapeText(printed(item))}"`;
    });
  return parts.length > 0 && space ? ` ${parts.join(' ')}` : parts.join(' ');
}

/** What stands for a host: a name whose last part has two letters or more, one of a well-known domain, or an address. */
const hosts = [
  /(?:https?:\/\/|www\.)(?:[\w%-]+\.)*(?:[a-z]{2,63}|xn--[\w%]{2,59})/,
  /(?:[\w%-]{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)/,
  /https?:\/\/(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:]+\])/,
];
const web = new RegExp(`^(?:${hosts.map(({ source }) => source).join('|')})(?::\\d{1,5})?(?:[/?#]\\S*)?$`, 'i');
const mail = /^(?:mailto:)?\S+@\w[\w.-]*\.\w+$/;

/** Links what looks like an address of the web or of mail. */
function urlize(text: string, limit: number | undefined, attributesOf: string, schemes: readonly string[]): string {
  const shown = (address: string) =>
    limit !== undefined && address.length > limit ? `${address.slice(0, limit)}...` : address;
  return escapeText(text)
    .split(/(\s+)/)
    .map((word) => {
      const [, head = '', rest = ''] = /^((?:[(<]|&lt;)*)([\s\S]*)$/.exec(word) ?? [];
      const [tail = ''] = /(?:[)>.,\n]|&gt;)+$/.exec(rest) ?? [];
      const middle = rest.slice(0, rest.length - tail.length);
      if (web.test(middle)) {
        const url = /^https?:\/\//.test(middle) ? middle : `https://${middle}`;
        return `${head}<a href="${url}"${attributesOf}>${shown(middle)}</a>${tail}`;
      }
      if (!middle.startsWith('www.') && !middle.includes(':') && mail.test(middle)) {
        return `${head}<a href="mailto:${middle}">${middle}</a>${tail}`;
      }
      if (middle.startsWith('mailto:') && mail.test(middle)) {
        return `${head}<a href="${middle}">${middle.slice('mailto:'.length)}</a>${tail}`;
      }
      if (schemes.some((scheme) => middle.startsWith(scheme) && middle !== scheme)) {
        return `${head}<a href="${middle}"${attributesOf}>${shown(middle)}</a>${tail}`;
      }
      return word;
    })
    .join('');
}

export const htmlFilters = {
  escape: escapeHtml,
  e: escapeHtml,
  forceescape: escapeHtml,
  safe: plugin('', printed),
  striptags: plugin('', (value) => stripTags(printed(value))),
  xmlattr: plugin('autospace?', (value, [space]) => attributes(value, truth(space ?? true))),
  urlize: plugin(
    'trim_url_limit?, nofollow?, target?, rel?, extra_schemes?',
    (value, [limit, nofollow, target, rel, more]) => {
      const words = [
        ...(rel ? printed(rel).split(' ') : []),
        ...(truth(nofollow ?? false) ? ['nofollow'] : []),
        'noopener',
      ];
      const where = target ? ` target="${escapeText(printed(target))}"` : '';
      const most = limit === undefined || limit === null ? undefined : asInteger(limit, 'trim_url_limit');
      const schemes = asList(more ?? []).map(printed);
      return urlize(
        printed(value),
        most,
        ` rel="${escapeText([...new Set(words)].sort().join(' '))}"${where}`,
        schemes,
      );
    },
  ),
};
