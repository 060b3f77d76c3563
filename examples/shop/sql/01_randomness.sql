-- Randomness that does not depend on the order of work: every draw is a hash of (seed, entity, purpose).
-- The id is hashed before the purpose is mixed in and the mix is hashed again, because
-- duckdb's hash(a, b) alone is a xor, which would correlate the draws of one id.
CREATE OR REPLACE TEMP MACRO u(id, purpose) AS
  (hash(xor(hash(id::BIGINT), hash(purpose, getvariable('seed')::BIGINT))) >> 11)::DOUBLE
  / 9007199254740992::DOUBLE;

-- Mean 0, standard deviation 1, within ±3.5: the sum of four uniform draws.
CREATE OR REPLACE TEMP MACRO bell(id, purpose) AS
  (u(id, purpose || '1') + u(id, purpose || '2') + u(id, purpose || '3') + u(id, purpose || '4') - 2)
  * sqrt(3);

-- Poisson by inversion, cut at 9 (means here stay below 5).
CREATE OR REPLACE TEMP MACRO poisson(draw, mean) AS
    (draw > exp(-mean))::INTEGER
  + (draw > exp(-mean) * (1 + mean))::INTEGER
  + (draw > exp(-mean) * (1 + mean * (1 + mean / 2)))::INTEGER
  + (draw > exp(-mean) * (1 + mean * (1 + mean / 2 * (1 + mean / 3))))::INTEGER
  + (draw > exp(-mean) * (1 + mean * (1 + mean / 2 * (1 + mean / 3 * (1 + mean / 4)))))::INTEGER
  + (draw > exp(-mean) * (1 + mean * (1 + mean / 2 * (1 + mean / 3 * (1 + mean / 4 * (1 + mean / 5))))))::INTEGER
  + (draw > exp(-mean) * (1 + mean * (1 + mean / 2 * (1 + mean / 3 * (1 + mean / 4 * (1 + mean / 5
      * (1 + mean / 6)))))))::INTEGER
  + (draw > exp(-mean) * (1 + mean * (1 + mean / 2 * (1 + mean / 3 * (1 + mean / 4 * (1 + mean / 5
      * (1 + mean / 6 * (1 + mean / 7))))))))::INTEGER
  + (draw > exp(-mean) * (1 + mean * (1 + mean / 2 * (1 + mean / 3 * (1 + mean / 4 * (1 + mean / 5
      * (1 + mean / 6 * (1 + mean / 7 * (1 + mean / 8)))))))))::INTEGER;

-- A whole number with the given mean: the fraction is rounded up with its own probability.
CREATE OR REPLACE TEMP MACRO rounded(mean, draw) AS floor(mean + draw)::BIGINT;

-- Hours at which people shop: two peaks, at noon and at 20.
CREATE OR REPLACE TEMP MACRO online_hour(draw) AS
  [0, 7, 8, 8, 9, 9, 10, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18,
   19, 19, 19, 20, 20, 20, 20, 20, 21, 21, 21, 22, 22][1 + floor(draw * 40)::INTEGER];
CREATE OR REPLACE TEMP MACRO store_hour(draw) AS
  [10, 10, 11, 11, 12, 12, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18, 19, 19, 20][1 + floor(draw * 20)::INTEGER];
CREATE OR REPLACE TEMP MACRO moment(day, hour, draw) AS
  day::TIMESTAMP + to_seconds(hour * 3600 + floor(draw * 3600)::INTEGER);
