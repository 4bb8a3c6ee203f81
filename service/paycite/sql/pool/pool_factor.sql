-- Write the effects of the full fit: central pay in dollars (of a role and level), or a factor, each
-- with its sample size. A group with too few employers gets a row without its own value.
insert into pool_factor by name
with middle as (
    select any_value(location - list_sum(effects)) as log_pay
    from fitted
    where left_out = 5
),

whole as (
    select stage, role, level, geography, log_factor, k
    from effect
    where left_out = 5 and level is distinct from 'unstated' and geography is distinct from 'us'
),

unobserved as (
    select geography, log_factor
    from prior
    where left_out = 5 and geography not in (select geography from whole where stage = 'metro')
),

part as (
    select 'base' as part, whole.* exclude (stage, log_factor), middle.log_pay + log_factor as log_amount
    from whole cross join middle
    where stage = 'role'
    union all by name
    select
        'base' as part, level.role, level.level, null as geography, level.k,
        middle.log_pay + role.log_factor + level.log_factor as log_amount
    from whole as level
    join whole as role on role.stage = 'role' and role.role = level.role
    cross join middle
    where level.stage = 'level'
    union all by name
    select stage as part, whole.* exclude (stage, log_factor), log_factor as log_amount
    from whole
    where stage in ('metro', 'role-metro')
    union all by name
    select 'metro' as part, geography, log_factor as log_amount
    from unobserved
),

stated as (
    select
        part.*,
        coalesce(shown.is_shown, false) as is_shown,
        if(is_shown, shown.n, null) as n,
        -- Hide a small number of named employers among many unnamed ones.
        if(is_shown and shown.employers >= $fewest, shown.employers, null) as employers,
        prior.log_factor as log_prior
    from part
    left join shown
        on shown.role is not distinct from part.role
        and shown.level is not distinct from part.level
        and shown.geography is not distinct from part.geography
    left join prior
        on prior.left_out = 5 and part.part = 'metro' and prior.geography = part.geography
),

final as (
    select
        concat_ws('-', $source || ':pooled', part, stated.role, level, stated.geography) as id,
        $source as source_id,
        part,
        stated.role,
        level,
        stated.geography,
        case
            when part = 'base' then if(is_shown, round(exp(log_amount)), null)
            -- A place with too few employers gets its ratio from official statistics.
            when part = 'metro' then round(exp(if(is_shown, log_amount, coalesce(log_prior, 0))), 4)
            when is_shown then round(exp(log_amount), 4)
        end as amount,
        n,
        employers,
        concat_ws(
            ', ',
            role.title,
            case when part = 'base' then coalesce(level.title, 'all levels') end,
            geography.name
        ) || case part
            when 'base' then ': central pay, pooled'
            when 'metro' then ': pay in the place over pay in all places of the source'
            else ': pay of the role in the place over the estimate from role and place'
        end as subject,
        'computed by Paycite from the observations of the source: '
        || case
            when part = 'metro' and n is null and log_prior is null then 'no observations and no official statistics for the place'
            when part = 'metro' and n is null then format(
                'square root of the official ratio to the nation (SOC 15-0000), relative to its mean '
                'over the places of the source: {:.4f}', exp(log_prior)
            )
            else format(
                'geometric mean{}, each employer counted once per role, level and place; '
                'shrunk with k = {:.1f}{}',
                if(part = 'base', '', ' of the residuals'),
                k,
                if(part = 'metro' and log_prior is not null, format(
                    ' toward the square root of the official ratio to the nation (SOC 15-0000), '
                    'relative to its mean over the places of the source: {:.4f}', exp(log_prior)
                ), '')
            )
        end as locator
    from stated
    left join role on role.id = stated.role
    left join level on level.id = stated.level
    left join geography on geography.id = stated.geography
    -- Without published pay, the place factors would only reveal where the employers are.
    where exists (from stated where part = 'base' and is_shown) or part = 'base'
)

select * from final
