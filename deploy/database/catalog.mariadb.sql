-- What the gate may do in the catalog's MySQL or MariaDB database, here `catalog`: read the eight relations, nothing else.
-- Leave out those that your catalog lacks, name the host that the gate comes from, and set a password.
CREATE USER 'gate_catalog'@'%' WITH MAX_USER_CONNECTIONS 16;
GRANT SELECT ON catalog.titles TO 'gate_catalog'@'%';
GRANT SELECT ON catalog.register TO 'gate_catalog'@'%';
GRANT SELECT ON catalog.platforms TO 'gate_catalog'@'%';
GRANT SELECT ON catalog.issuers TO 'gate_catalog'@'%';
GRANT SELECT ON catalog.labels TO 'gate_catalog'@'%';
GRANT SELECT ON catalog.episodes TO 'gate_catalog'@'%';
GRANT SELECT ON catalog.placements TO 'gate_catalog'@'%';
GRANT SELECT ON catalog.dossiers TO 'gate_catalog'@'%';
