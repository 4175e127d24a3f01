"""Ids: UUID version 7 (RFC 9562), made alike in Python and in the database."""

import os
import time
import uuid

UUID7_SQL = """
CREATE OR REPLACE FUNCTION crm_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    placing substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
    FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$
"""


def uuid7() -> uuid.UUID:
    """A new id whose order is the order of creation (milliseconds)."""
    stamp = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10), "big")
    value = (stamp & (1 << 48) - 1) << 80 | 0x7 << 76 | (noise >> 62 & 0xFFF) << 64
    return uuid.UUID(int=value | 0b10 << 62 | noise & (1 << 62) - 1)
