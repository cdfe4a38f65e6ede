import type { PluginTable } from '../plugin.ts';
import { comparisonTests } from './comparison.ts';
import { fileTests } from './file.ts';
import { resultTests } from './result.ts';
import { textTests } from './text.ts';
import { typeTests } from './type.ts';

/** All tests by name. */
export const testTable: PluginTable<boolean> = new Map(
  [typeTests, comparisonTests, fileTests, textTests, resultTests].flatMap((group) => Object.entries(group)),
);
