// Each question and who answers it.
import { agentDetail, agents, classSums } from './agentlist.ts';
import { balance } from './balance.ts';
import { devices } from './devicelist.ts';
import { gaps } from './gaplist.ts';
import { connectionPage, options, wholeConnection } from './list.ts';
import { cutsGone } from './pieces.ts';
import type { Question } from './question.ts';
import { series } from './series.ts';
import { group, type Store, summary } from './sums.ts';

export function answerTo(store: Store, question: Question): unknown {
	switch (question.ask) {
		case 'summary':
			return summary(store, question);
		case 'balance':
			return balance(store, question);
		case 'group':
			return group(store, question);
		case 'series':
			return series(store, question);
		case 'list':
			return connectionPage(store, question);
		case 'connection':
			return wholeConnection(store, question);
		case 'approximate':
			return cutsGone(store, question.times);
		case 'agents':
			return agents(store);
		case 'agent':
			return agentDetail(store, question.id);
		case 'devices':
			return devices(store, question);
		case 'options':
			return options(store, question.dimension, question.contains, question.limit);
		case 'gaps':
			return gaps(store, question);
		case 'metrics':
			return classSums(store);
	}
}
