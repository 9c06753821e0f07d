import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classColours, classNames, mixed, surfaces, type ThemeName } from '../../../src/dashboard/parts/classes.ts';

/** WCAG 2.2: relative luminance and contrast ratio. */
function luminance(colour: string): number {
	const [r, g, b] = [1, 3, 5].map((at) => {
		const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
		return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
function contrast(a: string, b: string): number {
	const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
	return (light! + 0.05) / (dark! + 0.05);
}

const themes: readonly ThemeName[] = ['light', 'dark'];

test('it draws every class, and up and down, at 3:1 against what they are drawn on', () => {
	for (const theme of themes) {
		const { card, down, up } = surfaces[theme];
		for (const colour of [...classNames.map((name) => classColours[theme][name]), down, up]) {
			assert.ok(contrast(colour, card) >= 3, `${theme} ${colour}: ${contrast(colour, card).toFixed(2)}`);
		}
	}
});

test('it has no two classes of one colour', () => {
	for (const theme of themes) assert.equal(new Set(Object.values(classColours[theme])).size, classNames.length);
});

test('it mixes colours by their channels', () => {
	assert.equal(mixed('#ff0000', '#0000ff', 0.5), '#800080');
	assert.equal(mixed('#123456', '#ffffff', 1), '#123456');
});
