import { Fault } from '../fault.ts';
import { percent, splitUrl } from '../formats/url.ts';
import { plugin } from '../plugin.ts';
import { asText, printed } from '../python/coerce.ts';
import { mapEntries } from '../python/mapping.ts';
import { isList, isMapping } from '../python/values.ts';
import { didYouMean } from '../suggest.ts';

function urlEncode(value: unknown): string {
  const pairs = isMapping(value) ? mapEntries(value) : isList(value) ? value : undefined;
  if (!pairs) return percent(printed(value), '/');
  return pairs
    .map((pair) => {
      if (!isList(pair) || pair.length !== 2) throw new Fault("filter 'urlencode' needs text, a dict or pairs");
      return pair.map((part) => percent(printed(part), '').replaceAll('%20', '+')).join('=');
    })
    .join('&');
}

function urlSplit(text: string, part: string): unknown {
  const parts = new Map<string, unknown>(Object.entries(splitUrl(text)));
  if (part === '') return parts;
  if (parts.has(part)) return parts.get(part);
  throw new Fault(`urlsplit: unknown URL component: ${part}`, { hint: didYouMean(part, parts.keys()) });
}

export const urlFilters = {
  urlencode: plugin('', urlEncode),
  // As Python's unquote_plus: what is no escape stays.
  urldecode: plugin('', (value) =>
    printed(value)
      .replaceAll('+', ' ')
      .replace(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8')),
  ),
  urlsplit: plugin('query?', (value, [part]) => urlSplit(printed(value), asText(part ?? '', 'query'))),
};
