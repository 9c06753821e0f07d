// All views, in the order of the side bar; the first is where one lands.
import { connectionsView } from './connections.ts';
import { historyView } from './history.ts';
import { monthsView } from './months.ts';
import { nowView } from './now.ts';
import type { View } from './view.ts';

export const views: readonly View[] = [nowView, historyView, connectionsView, monthsView];
