// All views, in the order of the side bar; the first is where one lands.
import { connectionsView } from './connections/connections.ts';
import { historyView } from './history/history.ts';
import { monthsView } from './months/months.ts';
import { nowView } from './now/now.ts';
import type { View } from './view.ts';

export const views: readonly View[] = [nowView, historyView, connectionsView, monthsView];
