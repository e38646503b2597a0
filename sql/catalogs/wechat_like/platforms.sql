SELECT
    account_id AS platform,
    account_name AS name,
    filing_short_names AS short_names,
    company AS operator,
    av_licence,
    registration_no,
    registration_valid_until AS valid_until
FROM channel_account;
