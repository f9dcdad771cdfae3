/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Included in a kernel's kernel/gcov/gcc_base.c before the rest of it. In a User-Mode Linux the C
 * library calls the constructors of a program, and so __gcov_init(), before there is a kernel that
 * could print; its one message would end the program.
 */
#include <linux/printk.h>
#undef pr_info
#define pr_info no_printk
