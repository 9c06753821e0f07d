'use strict';
'require baseclass';

// The classes of traffic as all pages name and colour them, from the bottom of a chart up: together they are the WAN.

const layers = [
	{ name: 'direct', title: _('Direct'), color: '#2f9e5f' },
	{ name: 'proxy', title: _('Proxy'), color: '#3b7dd8' },
	{ name: 'reject', title: _('Rejected'), color: '#b3474f' },
	{ name: 'unattributed', title: _('Unattributed'), color: '#8c8c8c' },
	{ name: 'overhead', title: _('Overhead'), color: '#c9a227' },
	{ name: 'bypass', title: _('Bypass'), color: '#d9742b' }
];

return baseclass.extend({ layers });
