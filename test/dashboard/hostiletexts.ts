// 200 texts that would run as a script, break out of markup or address, or hide what they are, if a page let them be
// more than text. Each is different, and short enough to be asked for by a filter.

const run = 'window.pwned=1';

const markup = [
	`<script>${run}</script>`,
	`<ScRiPt >${run}</sCrIpT >`,
	`<script src=//evil.example/x.js></script>`,
	`<img src=x onerror=${run}>`,
	`<img src=x onerror="${run}">`,
	`<image/src/onerror=${run}>`,
	`<svg onload=${run}>`,
	`<svg><script>${run}</script></svg>`,
	`<svg><animate onbegin=${run} attributeName=x dur=1s>`,
	`<math><mtext><style><img src onerror=${run}></style></mtext></math>`,
	`<iframe src="javascript:parent.${run}"></iframe>`,
	`<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
	`<object data="javascript:${run}"></object>`,
	`<embed src="javascript:${run}">`,
	`<base href="https://evil.example/">`,
	`<meta http-equiv="refresh" content="0;url=javascript:${run}">`,
	`<link rel=stylesheet href="https://evil.example/x.css">`,
	`<style>@import "https://evil.example/x.css";</style>`,
	`<body onload=${run}>`,
	`<details open ontoggle=${run}>`,
	`<input autofocus onfocus=${run}>`,
	`<video><source onerror=${run}></video>`,
	`<marquee onstart=${run}>`,
	`<a href="javascript:${run}">x</a>`,
	`<form action="javascript:${run}"><button>x</button></form>`,
	`<template><script>${run}</script></template>`,
	`<div style="background:url(https://evil.example/x.png)">`,
	`<noscript><p title="</noscript><img src=x onerror=${run}>">`,
	`&lt;script&gt;${run}&lt;/script&gt;`,
	`&#60;img src=x onerror=${run}&#62;`,
	`javascript:${run}`,
	`data:text/html,<script>${run}</script>`,
	`{{constructor.constructor('${run}')()}}`,
	`\${${run}}`,
	`__proto__`,
	`constructor`,
	`=HYPERLINK("https://evil.example")`,
	`%3Cscript%3E${run}%3C/script%3E`,
	`\\u003cscript\\u003e${run}\\u003c/script\\u003e`,
	`a\u202egnp.exe\u202c<b>\u200b`,
];

const disguises: readonly ((text: string) => string)[] = [
	(text) => text,
	(text) => `">${text}`,
	(text) => `'-->${text}<!--`,
	(text) => `</title></textarea></style></script>${text}`,
	(text) => `#history?x=${text}&class=proxy`,
];

export const hostileTexts: readonly string[] = disguises.flatMap((disguise) => markup.map(disguise));

/** What must not be in a page that took nothing but text; a query of the document. */
export const letIn =
	'body :is(script, iframe, object, embed, img, image, video, style, link, base, meta, math, marquee, template, animate), ' +
	'[onerror], [onload], [onbegin], [ontoggle], [onfocus], [onstart], [href^="javascript" i], [action]';
