/* Sends UDP frames from one interface as fast as one core can and prints, for each stream, what it sent.
 *
 * sender IFACE DST_MAC SECONDS COUNT STREAM...
 *   STREAM  source,destination,sport,sports,dport,dports,weight
 * Ports run through [first, first+number). Of every round a stream sends `weight` frames. It stops after COUNT
 * frames or SECONDS, whichever comes first (0: no limit). Last line: "ns FRAMES ELAPSED CPU", the times in
 * nanoseconds; the CPU time leaves out what other programs took of the core.
 * Whatever the receiving end does in its softirq happens inside the send, and so inside the time.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { LENGTH = 60, BATCH = 32, STREAMS = 8 };

struct stream { uint32_t source, destination; unsigned sport, sports, dport, dports, weight; uint64_t sent; };

static uint64_t now(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void put16(unsigned char *at, unsigned value) { at[0] = value >> 8; at[1] = value; }

static void fill(unsigned char *frame, struct stream *s)
{
	unsigned char *ip = frame + 14, *udp = ip + 20;
	uint32_t sum = 0;
	uint64_t turn = s->sent++;
	memcpy(ip + 12, &s->source, 4);
	memcpy(ip + 16, &s->destination, 4);
	put16(ip + 10, 0);
	for (int i = 0; i < 20; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
	put16(udp, s->sport + turn % s->sports);
	put16(udp + 2, s->dport + turn % s->dports);
}

int main(int argc, char **argv)
{
	static unsigned char frames[BATCH][LENGTH];
	struct stream streams[STREAMS];
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	unsigned char mac[6];
	int count = argc - 5;
	if (count < 1 || count > STREAMS) {
		fprintf(stderr, "usage: sender IFACE DST_MAC SECONDS COUNT STREAM...\n");
		return 2;
	}
	if (sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6)
		return 2;
	for (int i = 0; i < count; i++) {
		char source[64], destination[64];
		struct stream *s = &streams[i];
		s->sent = 0;
		if (sscanf(argv[5 + i], "%63[^,],%63[^,],%u,%u,%u,%u,%u", source, destination, &s->sport, &s->sports,
			   &s->dport, &s->dports, &s->weight) != 7)
			return 2;
		s->source = inet_addr(source);
		s->destination = inet_addr(destination);
	}
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_halen = 6 };
	int yes = 1;
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	if (fd < 0 || !to.sll_ifindex || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes)) {
		perror(argv[1]);
		return 1;
	}
	for (int i = 0; i < BATCH; i++) {
		unsigned char *frame = frames[i], *ip = frame + 14;
		memcpy(frame, mac, 6);
		frame[6] = 2;
		put16(frame + 12, ETH_P_IP);
		ip[0] = 0x45;
		put16(ip + 2, LENGTH - 14);
		ip[6] = 0x40;
		ip[8] = 64;
		ip[9] = IPPROTO_UDP;
		put16(ip + 24, LENGTH - 34);
		vectors[i] = (struct iovec){ frame, LENGTH };
		messages[i] = (struct mmsghdr){ .msg_hdr = { &to, sizeof to, &vectors[i], 1, NULL, 0, 0 } };
	}
	uint64_t limit = strtoull(argv[4], NULL, 10), total = 0;
	uint64_t begin = now(CLOCK_MONOTONIC), spent = now(CLOCK_THREAD_CPUTIME_ID);
	uint64_t end = atof(argv[3]) > 0 ? begin + (uint64_t)(atof(argv[3]) * 1e9) : 0;
	int stream = 0;
	unsigned turn = 0;
	while ((!limit || total < limit) && (!end || now(CLOCK_MONOTONIC) < end)) {
		for (int i = 0; i < BATCH; i++) {
			while (turn >= streams[stream].weight) {
				stream = (stream + 1) % count;
				turn = 0;
			}
			fill(frames[i], &streams[stream]);
			turn++;
		}
		for (int done = 0; done < BATCH;) {
			int sent = sendmmsg(fd, messages + done, BATCH - done, 0);
			if (sent < 0 && errno != ENOBUFS && errno != EAGAIN) {
				perror("sendmmsg");
				return 1;
			}
			done += sent > 0 ? sent : 0;
		}
		total += BATCH;
	}
	uint64_t elapsed = now(CLOCK_MONOTONIC) - begin;
	spent = now(CLOCK_THREAD_CPUTIME_ID) - spent;
	for (int i = 0; i < count; i++)
		printf("stream %d %llu\n", i, (unsigned long long)streams[i].sent);
	printf("ns %llu %llu %llu\n", (unsigned long long)total, (unsigned long long)elapsed, (unsigned long long)spent);
	return 0;
}
