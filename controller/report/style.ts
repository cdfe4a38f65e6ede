import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours by what they mean; every text also reads without them. */
export interface Style {
  readonly good: (text: string) => string;
  readonly changed: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly note: (text: string) => string;
  readonly strong: (text: string) => string;
}

/** Ansible's colours when wanted, else the text as it is. */
export function createStyle(color: boolean): Style {
  const paint = (format: Format) => (text: string) =>
    color && text !== '' ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: paint('green'),
    changed: paint('yellow'),
    bad: paint('red'),
    quiet: paint('cyan'),
    note: paint('magenta'),
    strong: paint('bold'),
  };
}
