import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf, say, speak } from '../../../src/dashboard/language/language.ts';
import { connectionsTexts } from '../../../src/dashboard/language/texts/connectionstexts.ts';
import { historyTexts } from '../../../src/dashboard/language/texts/historytexts.ts';
import { monthsTexts } from '../../../src/dashboard/language/texts/monthstexts.ts';
import { nowTexts } from '../../../src/dashboard/language/texts/nowtexts.ts';
import { pageTexts } from '../../../src/dashboard/language/texts/pagetexts.ts';
import { texts } from '../../../src/dashboard/language/texts/texts.ts';

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test('it has the same places for figures in both languages, and no name twice', () => {
	const all = [pageTexts, nowTexts, historyTexts, connectionsTexts, monthsTexts];
	const count = all.reduce((sum, some) => sum + Object.keys(some).length, 0);
	assert.equal(Object.keys(texts).length, count);
	for (const [name, [english, chinese]] of Object.entries(texts)) {
		assert.deepEqual(places(chinese), places(english), name);
		assert.ok(chinese.trim() !== '' && english.trim() !== '', name);
	}
});

test('it speaks the first language of the browser that it knows', () => {
	assert.equal(languageOf(['de-DE', 'zh-TW', 'en']), 'zh');
	assert.equal(languageOf(['en-US', 'zh-CN']), 'en');
	assert.equal(languageOf(['ZH']), 'zh');
	assert.equal(languageOf(['fr']), 'en');
	assert.equal(languageOf([]), 'en');
});

test('it puts figures where the language wants them', () => {
	speak('zh');
	assert.equal(say('of agents', { known: 2, all: 3 }), '3 个代理端中的 2 个');
	speak('en');
	assert.equal(say('of agents', { known: 2, all: 3 }), '2 of 3 agents');
	assert.equal(say('nothing found', { search: '$& {x}' }), 'Nothing has “$& {x}” in it');
});
