// All texts of the page, by their names.
import { connectionsTexts } from './connectionstexts.ts';
import { historyTexts } from './historytexts.ts';
import { monthsTexts } from './monthstexts.ts';
import { nowTexts } from './nowtexts.ts';
import { pageTexts } from './pagetexts.ts';

export type Texts = Readonly<Record<string, readonly [english: string, chinese: string]>>;

export const texts = { ...pageTexts, ...nowTexts, ...historyTexts, ...connectionsTexts, ...monthsTexts };
