import { checkItems } from '../limits.ts';

const words = (
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua enim ad ' +
  'minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in reprehenderit ' +
  'voluptate velit esse cillum fugiat nulla pariatur'
).split(' ');

/** A whole number from `least` up to `most`, or `least` where that is more. */
const between = (least: number, most: number) => least + Math.floor(Math.random() * Math.max(1, most - least + 1));

const sentence = (length: number): string => {
  const text = Array.from({ length }, () => words[between(0, words.length - 1)]).join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
};

/** A paragraph of so many words, in sentences of 3 to 14. */
function paragraph(length: number): string {
  const sentences: string[] = [];
  for (let left = length; left > 0; ) {
    const next = Math.min(left, between(3, 14));
    sentences.push(sentence(next));
    left -= next;
  }
  return sentences.join(' ');
}

/** lipsum(): paragraphs of `least` to `most` words that mean nothing, to try a template out with. */
export function loremIpsum(count: number, html: boolean, least: number, most: number): string {
  checkItems(count * Math.max(least, most));
  const paragraphs = Array.from({ length: count }, () => paragraph(between(least, most)));
  return html ? paragraphs.map((text) => `<p>${text}</p>`).join('\n') : paragraphs.join('\n\n');
}
