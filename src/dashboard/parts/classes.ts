// The classes of bytes: their order in every stack and their colours, the same on every view. A colour has at least
// 3:1 against the card it is drawn on (WCAG 1.4.11), in both themes; test/dashboard/parts/colours.test.ts does the sums.

/** As the API names them, from the bottom of a stack to its top: the sum of all is the WAN's. */
export const classNames = ['direct', 'proxy', 'reject', 'unattributed', 'bypass', 'overhead'] as const;
export type ClassName = (typeof classNames)[number];
/** Those that the core moved. */
export const coreClasses: readonly ClassName[] = ['direct', 'proxy', 'reject', 'unattributed'];

export type ThemeName = 'light' | 'dark';

export const classColours: Readonly<Record<ThemeName, Readonly<Record<ClassName, string>>>> = {
	light: {
		direct: '#0e9384',
		proxy: '#5b54d6',
		reject: '#c8453b',
		unattributed: '#76808f',
		bypass: '#cf7a0c',
		overhead: '#a3865f',
	},
	dark: {
		direct: '#2cbfae',
		proxy: '#8d87f5',
		reject: '#ef7a70',
		unattributed: '#8b95a5',
		bypass: '#eda23f',
		overhead: '#a48b69',
	},
};

/** What they are drawn on, and up and down where both stand in one bar. */
export const surfaces: Readonly<Record<ThemeName, Readonly<Record<'card' | 'down' | 'up', string>>>> = {
	light: { card: '#ffffff', down: '#2b7fd4', up: '#c053a6' },
	dark: { card: '#16191f', down: '#56a4f0', up: '#d980c4' },
};

/** `share` of one colour over the other, all as `#rrggbb`. */
export function mixed(colour: string, ground: string, share: number): string {
	const channel = (text: string, at: number) => Number.parseInt(text.slice(1 + at * 2, 3 + at * 2), 16);
	const part = (at: number) => Math.round(channel(colour, at) * share + channel(ground, at) * (1 - share));
	return `#${[0, 1, 2].map((at) => part(at).toString(16).padStart(2, '0')).join('')}`;
}
