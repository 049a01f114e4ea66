/* SPDX-License-Identifier: ISC */
/*
 * Makes one script of a module and all that it imports: each becomes a function that returns
 * what it exports, those that others need first. Knows just the forms that the page is written
 * in, and exits on any other, or when modules import each other:
 *
 *	import { a, b as c } from "./FILE";            (may go over several lines)
 *	export function f, export async function f, export class C, export const c, export let l
 *	export{a as A,b as B};                         (the end of a ready-made module)
 */
#ifndef WS_PAGE_BUNDLE_H
#define WS_PAGE_BUNDLE_H

#include "ws/page/text.h"

struct text bundle_make(const char *directory, const char *name);

#endif
