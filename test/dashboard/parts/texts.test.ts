import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chinese } from '../../../src/dashboard/language/chinese.ts';
import { english } from '../../../src/dashboard/language/english.ts';
import { languageOf, say, speak } from '../../../src/dashboard/language/language.ts';

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test('it has the same texts in both languages, with the same places for figures', () => {
	assert.deepEqual(Object.keys(chinese).sort(), Object.keys(english).sort());
	for (const name of Object.keys(english) as (keyof typeof english)[]) {
		assert.deepEqual(places(chinese[name]), places(english[name]), name);
		assert.ok(chinese[name].trim() !== '' && english[name].trim() !== '', name);
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
