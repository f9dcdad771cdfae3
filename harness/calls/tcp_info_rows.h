/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of struct tcp_info (linux/tcp.h), as far as kernel 6.18 has them. The C library's
 * structure ends earlier, and a kernel returns as many as it knows.
 *
 * TCP_INFO_ROWS(ROW, X) is ROW(X, name without tcpi_, offset, size, shift, bits, group) for each: a
 * bit field has `bits` from `shift` on, and its size is that of what contains it; bits 0: it is
 * none. `group`: its constants.
 */
#ifndef CALLS_TCP_INFO_ROWS_H
#define CALLS_TCP_INFO_ROWS_H

#define TCP_INFO_SIZE 280 /* of all rows */

/* clang-format off */
#define TCP_INFO_ROWS(ROW, X) \
	ROW(X, state, 0, 1, 0, 0, GROUP_state) \
	ROW(X, ca_state, 1, 1, 0, 0, NO_GROUP) \
	ROW(X, retransmits, 2, 1, 0, 0, NO_GROUP) \
	ROW(X, probes, 3, 1, 0, 0, NO_GROUP) \
	ROW(X, backoff, 4, 1, 0, 0, NO_GROUP) \
	ROW(X, options, 5, 1, 0, 0, NO_GROUP) \
	ROW(X, snd_wscale, 6, 1, 0, 4, NO_GROUP) \
	ROW(X, rcv_wscale, 6, 1, 4, 4, NO_GROUP) \
	ROW(X, delivery_rate_app_limited, 7, 1, 0, 1, NO_GROUP) \
	ROW(X, fastopen_client_fail, 7, 1, 1, 2, NO_GROUP) \
	ROW(X, rto, 8, 4, 0, 0, NO_GROUP) \
	ROW(X, ato, 12, 4, 0, 0, NO_GROUP) \
	ROW(X, snd_mss, 16, 4, 0, 0, NO_GROUP) \
	ROW(X, rcv_mss, 20, 4, 0, 0, NO_GROUP) \
	ROW(X, unacked, 24, 4, 0, 0, NO_GROUP) \
	ROW(X, sacked, 28, 4, 0, 0, NO_GROUP) \
	ROW(X, lost, 32, 4, 0, 0, NO_GROUP) \
	ROW(X, retrans, 36, 4, 0, 0, NO_GROUP) \
	ROW(X, fackets, 40, 4, 0, 0, NO_GROUP) \
	ROW(X, last_data_sent, 44, 4, 0, 0, NO_GROUP) \
	ROW(X, last_ack_sent, 48, 4, 0, 0, NO_GROUP) \
	ROW(X, last_data_recv, 52, 4, 0, 0, NO_GROUP) \
	ROW(X, last_ack_recv, 56, 4, 0, 0, NO_GROUP) \
	ROW(X, pmtu, 60, 4, 0, 0, NO_GROUP) \
	ROW(X, rcv_ssthresh, 64, 4, 0, 0, NO_GROUP) \
	ROW(X, rtt, 68, 4, 0, 0, NO_GROUP) \
	ROW(X, rttvar, 72, 4, 0, 0, NO_GROUP) \
	ROW(X, snd_ssthresh, 76, 4, 0, 0, NO_GROUP) \
	ROW(X, snd_cwnd, 80, 4, 0, 0, NO_GROUP) \
	ROW(X, advmss, 84, 4, 0, 0, NO_GROUP) \
	ROW(X, reordering, 88, 4, 0, 0, NO_GROUP) \
	ROW(X, rcv_rtt, 92, 4, 0, 0, NO_GROUP) \
	ROW(X, rcv_space, 96, 4, 0, 0, NO_GROUP) \
	ROW(X, total_retrans, 100, 4, 0, 0, NO_GROUP) \
	ROW(X, pacing_rate, 104, 8, 0, 0, NO_GROUP) \
	ROW(X, max_pacing_rate, 112, 8, 0, 0, NO_GROUP) \
	ROW(X, bytes_acked, 120, 8, 0, 0, NO_GROUP) \
	ROW(X, bytes_received, 128, 8, 0, 0, NO_GROUP) \
	ROW(X, segs_out, 136, 4, 0, 0, NO_GROUP) \
	ROW(X, segs_in, 140, 4, 0, 0, NO_GROUP) \
	ROW(X, notsent_bytes, 144, 4, 0, 0, NO_GROUP) \
	ROW(X, min_rtt, 148, 4, 0, 0, NO_GROUP) \
	ROW(X, data_segs_in, 152, 4, 0, 0, NO_GROUP) \
	ROW(X, data_segs_out, 156, 4, 0, 0, NO_GROUP) \
	ROW(X, delivery_rate, 160, 8, 0, 0, NO_GROUP) \
	ROW(X, busy_time, 168, 8, 0, 0, NO_GROUP) \
	ROW(X, rwnd_limited, 176, 8, 0, 0, NO_GROUP) \
	ROW(X, sndbuf_limited, 184, 8, 0, 0, NO_GROUP) \
	ROW(X, delivered, 192, 4, 0, 0, NO_GROUP) \
	ROW(X, delivered_ce, 196, 4, 0, 0, NO_GROUP) \
	ROW(X, bytes_sent, 200, 8, 0, 0, NO_GROUP) \
	ROW(X, bytes_retrans, 208, 8, 0, 0, NO_GROUP) \
	ROW(X, dsack_dups, 216, 4, 0, 0, NO_GROUP) \
	ROW(X, reord_seen, 220, 4, 0, 0, NO_GROUP) \
	ROW(X, rcv_ooopack, 224, 4, 0, 0, NO_GROUP) \
	ROW(X, snd_wnd, 228, 4, 0, 0, NO_GROUP) \
	ROW(X, rcv_wnd, 232, 4, 0, 0, NO_GROUP) \
	ROW(X, rehash, 236, 4, 0, 0, NO_GROUP) \
	ROW(X, total_rto, 240, 2, 0, 0, NO_GROUP) \
	ROW(X, total_rto_recoveries, 242, 2, 0, 0, NO_GROUP) \
	ROW(X, total_rto_time, 244, 4, 0, 0, NO_GROUP) \
	ROW(X, received_ce, 248, 4, 0, 0, NO_GROUP) \
	ROW(X, delivered_e1_bytes, 252, 4, 0, 0, NO_GROUP) \
	ROW(X, delivered_e0_bytes, 256, 4, 0, 0, NO_GROUP) \
	ROW(X, delivered_ce_bytes, 260, 4, 0, 0, NO_GROUP) \
	ROW(X, received_e1_bytes, 264, 4, 0, 0, NO_GROUP) \
	ROW(X, received_e0_bytes, 268, 4, 0, 0, NO_GROUP) \
	ROW(X, received_ce_bytes, 272, 4, 0, 0, NO_GROUP) \
	ROW(X, accecn_fail_mode, 276, 2, 0, 0, NO_GROUP) \
	ROW(X, accecn_opt_seen, 278, 2, 0, 0, NO_GROUP)
/* clang-format on */

#endif
